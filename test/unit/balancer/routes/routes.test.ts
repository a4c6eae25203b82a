import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision, Pool, RequestHead } from '../../../../src/balancer/contract.ts';
import { RouteError } from '../../../../src/balancer/routes/compiled.ts';
import { createRoutes } from '../../../../src/balancer/routes/routes.ts';
import type { RouteAction, RouteMatch, RouteSettings } from '../../../../src/protocol/balance.ts';

const names = ['web', 'api', 'old', 'v2', 'deep'];
const pools = new Map(names.map((name) => [name, { name } as unknown as Pool]));

interface Given extends Partial<RouteMatch>, Partial<Pick<RouteSettings, 'stripPrefix' | 'addPrefix'>> {
  readonly to: string | RouteAction;
}

const route = ({ to, stripPrefix = '', addPrefix = '', ...match }: Given): RouteSettings => ({
  text: `${match.host ?? '*'}${match.path ?? '/'}`,
  place: 'balancer.routes[0]',
  match: { host: '*', path: '/', methods: [], headers: [], ...match },
  action: typeof to === 'string' ? { kind: 'pool', pool: to } : to,
  stripPrefix,
  addPrefix,
  rateLimit: null,
});

const request = (target: string, more: Partial<RequestHead> = {}): RequestHead => ({
  method: 'GET',
  target,
  version: '1.1',
  raw: [],
  bodyLength: 0,
  hasBody: false,
  upgrade: false,
  beganAt: 0,
  arrivedAt: 0,
  ...more,
});

const outcome = (decision: Decision): string => {
  switch (decision.kind) {
    case 'pool':
      return `${decision.pool.name} ${decision.target}`;
    case 'respond':
      return `${decision.status}${decision.lines === '' ? '' : ` ${decision.lines.trim()}`}`;
    case 'none':
      return 'none';
  }
};

const asked =
  (...given: readonly Given[]) =>
  (target: string, host = 'example.com', more: Partial<RequestHead> = {}): string =>
    outcome(createRoutes(given.map(route), pools).decide(request(target, more), host, false));

describe('routes', () => {
  it('with one route for all, everything goes there as it came', () => {
    const ask = asked({ to: 'web' });
    for (const target of ['/', '/a/../b', '//x', '/%2e%2e/', '/a?b=/../c', '*'])
      assert.equal(ask(target, 'a', target === '*' ? { method: 'OPTIONS' } : {}), `web ${target}`);
    assert.equal(ask('http://example.com'), 'web /');
    assert.equal(ask('http://example.com/a?b'), 'web /a?b');
  });

  it('answers the same request with the same object', () => {
    const routes = createRoutes([route({ to: 'web' })], pools);
    assert.equal(
      routes.decide(request('/a/long/path'), 'x', false),
      routes.decide(request('/a/long/path'), 'x', false),
    );
  });

  it('goes by host: exact, then the longest wildcard, then all', () => {
    const ask = asked(
      { host: '*', to: 'web' },
      { host: '*.example.com', to: 'old' },
      { host: '*.b.example.com', to: 'deep' },
      { host: 'api.example.com', to: 'api' },
    );
    const cases = [
      ['api.example.com', 'api'],
      ['API.Example.com:8080', 'api'],
      ['api.example.com.', 'api'],
      ['x.example.com', 'old'],
      ['a.x.example.com', 'old'],
      ['a.b.example.com', 'deep'],
      ['b.example.com', 'old'],
      ['example.com', 'web'],
      ['evilexample.com', 'web'],
      ['[::1]:80', 'web'],
      ['', 'web'],
      [`${'a.'.repeat(4000)}example.com`, 'web'],
    ];
    for (const [host, pool] of cases) assert.equal(ask('/', host), `${pool} /`, host);
  });

  it('a host whose paths do not fit leaves the request to the less specific ones', () => {
    const ask = asked({ host: 'api.example.com', path: '/v1', to: 'api' }, { path: '/', to: 'web' });
    assert.equal(ask('/v1/x', 'api.example.com'), 'api /v1/x');
    assert.equal(ask('/v2/x', 'api.example.com'), 'web /v2/x');
    assert.equal(asked({ path: '/v1', to: 'api' })('/v2'), 'none');
    assert.equal(asked({ host: 'a', to: 'api' })('/v2', 'b'), 'none');
  });

  for (const more of [0, 20])
    it(`goes by path, longest first, on borders of segments (${more} other routes)`, () => {
      const others = Array.from({ length: more }, (_, nth) => ({ path: `/other/${nth}`, to: 'old' }));
      const ask = asked(
        ...others,
        { path: '/v1', to: 'api' },
        { path: '/v1/deep/er', to: 'deep' },
        { path: '/', to: 'web' },
      );
      const cases = [
        ['/v1', 'api'],
        ['/v1/', 'api'],
        ['/v1?x=/v1/deep/er', 'api'],
        ['/v1/deep', 'api'],
        ['/v1/deep/err', 'api'],
        ['/v1/deep/er', 'deep'],
        ['/v1/deep/er/x', 'deep'],
        ['/v10', 'web'],
        ['/V1', 'web'],
        ['/', 'web'],
      ];
      for (const [target, pool] of cases) assert.equal(ask(target ?? ''), `${pool} ${target}`);
    });

  it('goes by method, and GET is HEAD too', () => {
    const ask = asked({ path: '/x', methods: ['GET'], to: 'old' }, { path: '/x', to: 'web' });
    assert.equal(ask('/x'), 'old /x');
    assert.equal(ask('/x', 'a', { method: 'HEAD' }), 'old /x');
    assert.equal(ask('/x', 'a', { method: 'POST' }), 'web /x');
  });

  it('goes by headers: a value, or that it is there', () => {
    const ask = asked(
      { headers: [{ name: 'x-version', value: '2' }], to: 'v2' },
      { headers: [{ name: 'x-old', value: null }], to: 'old' },
      { to: 'web' },
    );
    assert.equal(ask('/', 'a', { raw: ['X-Version', '2'] }), 'v2 /');
    assert.equal(ask('/', 'a', { raw: ['X-Version', '3', 'X-VERSION', '2'] }), 'v2 /');
    assert.equal(ask('/', 'a', { raw: ['X-Version', '3', 'x-old', ''] }), 'old /');
    assert.equal(ask('/', 'a', { raw: ['X-Version', '3'] }), 'web /');
  });

  it('takes a prefix off and puts one before', () => {
    const strip = asked({ path: '/v1', stripPrefix: '/v1', to: 'api' });
    assert.equal(strip('/v1'), 'api /');
    assert.equal(strip('/v1?a=/v1'), 'api /?a=/v1');
    assert.equal(strip('/v1/x/v1'), 'api /x/v1');
    assert.equal(strip('/v1//evil.com/x'), 'api /evil.com/x');
    const both = asked({ path: '/v1', stripPrefix: '/v1', addPrefix: '/app', to: 'api' });
    assert.equal(both('/v1'), 'api /app');
    assert.equal(both('/v1/'), 'api /app/');
    assert.equal(both('/v1/x?y'), 'api /app/x?y');
    assert.equal(asked({ addPrefix: '/app', to: 'api' })('/x%20y'), 'api /app/x%20y');
    assert.equal(asked({ addPrefix: '/app', to: 'api' })('*', 'a', { method: 'OPTIONS' }), 'api *');
  });

  it('redirects, and answers itself', () => {
    const location = 'https://{host}/new{path}{query}';
    const ask = asked({
      path: '/old',
      stripPrefix: '/old',
      to: { kind: 'redirect', status: 301, location },
    });
    assert.equal(ask('/old/a?b=c', 'Example.com:80'), '301 Location: https://example.com/new/a?b=c');
    assert.equal(ask('/old', 'example.com'), '301 Location: https://example.com/new/');
    const own = asked({ to: { kind: 'respond', status: 204, headers: { 'X-A': 'b' }, body: '' } });
    assert.equal(own('/'), '204 X-A: b');
  });

  it('never redirects to another host because of a path', () => {
    const ask = asked({ to: { kind: 'redirect', status: 302, location: '{path}' } });
    for (const target of ['//evil.com', '/\\evil.com', '///evil.com'])
      assert.equal(ask(target), '302 Location: /evil.com');
  });

  it('goes by the address that a connection came in at', () => {
    const given = [
      route({ listener: '127.0.0.1:1', to: 'api' }),
      route({ listener: '127.0.0.1:2', path: '/x', to: 'old' }),
    ];
    const routes = createRoutes(given, pools);
    const at = (target: string, listener?: string) =>
      outcome(routes.decide(request(target), 'a', false, listener));
    assert.equal(at('/x', '127.0.0.1:1'), 'api /x');
    assert.equal(at('/x', '127.0.0.1:2'), 'old /x');
    assert.equal(at('/', '127.0.0.1:2'), 'none');
    assert.equal(at('/', '127.0.0.1:3'), 'none');
    assert.equal(at('/'), 'none');
  });

  it('says which route leads nowhere', () => {
    assert.throws(
      () => createRoutes([route({ to: 'wbe' })], pools),
      (error) => error instanceof RouteError && error.place === 'balancer.routes[0]',
    );
  });
});

describe('paths that can be read in more than one way', () => {
  const ask = asked({ path: '/admin', to: 'api' }, { path: '/public', to: 'old' }, { to: 'web' });

  it('are refused where the readings lead to different routes', () => {
    const refused = [
      '//admin',
      '/%61dmin',
      '/admi%6E/x',
      '/%2fadmin',
      '/\\admin',
      '/%5Cadmin',
      '/admin%2fx',
      '/admin;a=b/x',
      '/admin\\x',
      '//%61dmin//x?y',
    ];
    for (const target of refused) assert.match(ask(target), /^400/, target);
  });

  it('are refused when they have dot segments, in any writing', () => {
    const refused = [
      '/x/../admin',
      '/public/..',
      '/public/../admin',
      '/public/%2e%2E/admin',
      '/public/.%2e/admin',
      '/public/..%2fadmin',
      '/public%2f..%2fadmin',
      '/public/..;/admin',
      '/public/..%3b/admin',
      '/public/..\\admin',
      '/./admin',
      '/public/..?x',
      '/x%c0%af',
      '/;%5ca/admin',
      '/x%3b%2fa/admin',
      '/x%00',
    ];
    for (const target of refused) assert.match(ask(target), /^400/, target);
  });

  it('go on byte for byte where all readings agree', () => {
    const cases = [
      ['/admin/repo%2Fbranch', 'api'],
      ['/admin//x', 'api'],
      ['/admin/%61;v=1/x', 'api'],
      ['/public/a%20b', 'old'],
      ['/.well-known/x', 'web'],
      ['/files/..a/...', 'web'],
      ['/a%2Fb//c', 'web'],
      ['/x?y=/../admin', 'web'],
      ['/%zz', 'web'],
    ];
    for (const [target, pool] of cases) assert.equal(ask(target ?? ''), `${pool} ${target}`);
  });

  it('never come to a route that one of their readings does not belong to', () => {
    // Each step is what some server does; a path that goes on must lead to one route after any of them.
    const steps: readonly ((path: string) => string)[] = [
      (path) => path.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
      (path) => path.replace(/%(?:2f|5c)/gi, '/'),
      (path) => path.replace(/\\/g, '/'),
      (path) => path.replace(/\/{2,}/g, '/'),
      (path) => path.replace(/;[^/]*/g, ''),
      (path) => new URL(`http://a${path}`).pathname,
    ];
    const pieces = [
      '/',
      '//',
      'admin',
      'a',
      'b',
      '%61',
      '..',
      '.',
      '%2e',
      '%2F',
      '\\',
      '%5c',
      ';',
      '%3B',
      'x',
    ];
    const target = fc
      .array(fc.constantFrom(...pieces), { maxLength: 10 })
      .map((parts) => `/${parts.join('')}`);
    const plainRoutes = createRoutes(
      [
        { path: '/a/b', to: 'deep' },
        { path: '/a', to: 'old' },
        { path: '/admin', to: 'api' },
        { to: 'web' },
      ].map(route),
      pools,
    );
    const poolOf = (path: string): string => {
      const longest = ['/a/b', '/admin', '/a', '/'].find(
        (prefix) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`),
      );
      return { '/a/b': 'deep', '/admin': 'api', '/a': 'old', '/': 'web' }[longest ?? '/'] ?? '';
    };
    fc.assert(
      fc.property(target, fc.shuffledSubarray([...steps]), (path, some) => {
        const decision = plainRoutes.decide(request(path), 'x', false);
        if (decision.kind !== 'pool') return;
        assert.equal(decision.target, path);
        let read = path;
        for (const step of some) {
          read = step(read);
          assert.equal(poolOf(read), decision.pool.name, `${path} read as ${read}`);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('many routes', () => {
  it('find what looking through them one by one finds', () => {
    const path = fc.constantFrom(
      '/',
      '/a',
      '/a/b',
      '/a/b/c',
      '/b',
      '/b/a',
      '/c',
      '/c/a',
      '/c/b',
      '/d',
      '/ab',
    );
    const host = fc.constantFrom('*', '*.x', '*.y.x', 'a.x', 'a.y.x');
    const some = fc.uniqueArray(
      fc.record({
        host,
        path,
        methods: fc.constantFrom<string[]>([], ['GET'], ['POST']),
        to: fc.constantFrom(...names),
      }),
      { maxLength: 40, selector: (one) => JSON.stringify(one) },
    );
    const rank = (name: string): number => (name === '*' ? 0 : name.startsWith('*') ? name.length : 100);
    fc.assert(
      fc.property(
        some,
        fc.constantFrom('a.x', 'b.x', 'a.y.x', 'b.y.x', 'z'),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'ab'), { maxLength: 4 }),
        fc.constantFrom('GET', 'POST', 'PUT'),
        (given, asHost, parts, method) => {
          const target = `/${parts.join('/')}`;
          const sorted = given.toSorted(
            (a, b) =>
              rank(b.host) - rank(a.host) ||
              b.path.length - a.path.length ||
              b.methods.length - a.methods.length,
          );
          const first = sorted.find(
            (one) =>
              (one.host === '*' ||
                one.host === asHost ||
                asHost.endsWith(one.host.replace(/^[^*]+$|\*/, ''))) &&
              (one.host === '*' || one.host === asHost || one.host.startsWith('*')) &&
              (one.path === '/' || target === one.path || target.startsWith(`${one.path}/`)) &&
              (one.methods.length === 0 || one.methods.includes(method)),
          );
          const found = createRoutes(sorted.map(route), pools).decide(
            request(target, { method }),
            asHost,
            false,
          );
          assert.equal(outcome(found), first === undefined ? 'none' : `${first.to} ${target}`);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
