import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { balancerOf } from '../../../../src/config/balance/balancer.ts';
import type { BalancerDraft } from '../../../../src/config/balance/balancer-draft.ts';
import { bySpecificity, shadowed } from '../../../../src/config/balance/route-order.ts';
import { readListen, readRoutes, readUpstreams } from '../../../../src/config/balance/routes.ts';
import { keyText } from '../../../../src/config/place.ts';
import { SkeinError } from '../../../../src/core/errors.ts';
import type { RouteMatch, RouteSettings } from '../../../../src/protocol/balance.ts';

const within = (path: readonly (string | number)[]): string => keyText(['routes', ...path]);

/** As the settings of a balancer have it. */
const settled = (...routes: readonly unknown[]): readonly RouteSettings[] =>
  balancerOf({ listen: [{ address: '127.0.0.1:1' }], routes: readRoutes(routes, within) }, keyText).routes;

const one = (route: unknown): RouteSettings => {
  const [found, ...more] = settled(route);
  assert.ok(found !== undefined && more.length === 0);
  return found;
};

const refuses = (route: unknown, reason: RegExp): void => {
  assert.throws(
    () => settled(route),
    (error) =>
      error instanceof SkeinError && /^E_(ROUTE|BAD_VALUE)$/.test(error.code) && reason.test(error.message),
    JSON.stringify(route),
  );
};

const match = (more: Partial<RouteMatch>): RouteMatch => ({
  host: '*',
  path: '/',
  methods: [],
  headers: [],
  ...more,
});

describe('the left side of a route', () => {
  const cases: readonly (readonly [string, Partial<RouteMatch>])[] = [
    ['/', {}],
    ['*', {}],
    ['/*', {}],
    ['', {}],
    ['*/', {}],
    ['/v1', { path: '/v1' }],
    ['/v1/', { path: '/v1' }],
    ['/v1/*', { path: '/v1' }],
    ['/.well-known/acme', { path: '/.well-known/acme' }],
    ['example.com', { host: 'example.com' }],
    ['Example.COM./A', { host: 'example.com', path: '/A' }],
    ['*.example.com/v1/*', { host: '*.example.com', path: '/v1' }],
    ['bücher.example', { host: 'xn--bcher-kva.example' }],
    ['[::1]/x', { host: '[::1]', path: '/x' }],
    ['POST /x', { path: '/x', methods: ['POST'] }],
    ['GET,POST a.b', { host: 'a.b', methods: ['GET', 'POST'] }],
    ['M-SEARCH', { methods: ['M-SEARCH'] }],
    ['/ header:X-Version=2', { headers: [{ name: 'x-version', value: '2' }] }],
    [
      'header:x-a header:x-b= GET /p',
      {
        path: '/p',
        methods: ['GET'],
        headers: [
          { name: 'x-a', value: null },
          { name: 'x-b', value: '' },
        ],
      },
    ],
  ];
  for (const [written, expected] of cases)
    test(`\`${written}\``, () => assert.deepEqual(one(`${written} -> web`).match, match(expected)));

  const bad: readonly (readonly [string, RegExp])[] = [
    ['example.com:80/', /port in its host/],
    ['exa mple.com', /too much/],
    ['get /x', /no host that can be|too much/],
    ['a..b/', /no host/],
    ['*.*.com', /no host/],
    ['foo.*', /no host/],
    ['[::g]/', /no host/],
    ['/a/*/b', /no plain prefix/],
    ['/a/../b', /no plain prefix/],
    ['/a//b', /no plain prefix/],
    ['/a%20b', /no plain prefix/],
    ['/a?b', /no plain prefix/],
    ['/a;b', /no plain prefix/],
    ['header:', /no header/],
  ];
  for (const [written, reason] of bad)
    test(`\`${written}\` is refused`, () => refuses(`${written} -> web`, reason));
});

describe('the right side of a route', () => {
  test('an app, with prefixes', () => {
    assert.deepEqual(one('/ -> web').action, { kind: 'pool', pool: 'web' });
    const strip = one('/v1/* -> api strip add=/app/');
    assert.deepEqual([strip.stripPrefix, strip.addPrefix], ['/v1', '/app']);
    assert.equal(one('/v1/x -> api strip=/v1').stripPrefix, '/v1');
    assert.equal(one('/ -> api strip add=/').addPrefix, '');
    assert.equal(one('/ -> api strip').stripPrefix, '');
    assert.equal(one('/ -> redirect').action.kind, 'pool');
  });

  test('addresses become a pool, which routes share', () => {
    const settings = balancerOf(
      {
        listen: [],
        routes: readRoutes(
          ['/a -> http://10.0.0.7:3000,unix:/run/a.sock', '/b -> http://10.0.0.7:3000,unix:/run/a.sock'],
          within,
        ),
        to: readUpstreams(['https://b.example', { url: 'http://[::1]:8', weight: 3, backup: true }], within),
        pool: { queue: { size: 7 } },
      },
      keyText,
    );
    assert.deepEqual(Object.keys(settings.pools), [
      'http://10.0.0.7:3000,unix:/run/a.sock',
      'https://b.example:443,http://[::1]:8',
    ]);
    const pool = settings.pools['https://b.example:443,http://[::1]:8'];
    assert.deepEqual(pool?.to, [
      { address: { kind: 'tls', host: 'b.example', port: 443, insecure: false }, backup: false },
      { address: { kind: 'tcp', host: '::1', port: 8 }, backup: true },
    ]);
    assert.deepEqual(pool?.settings.weights, [1, 3]);
    assert.equal(pool?.settings.queue.size, 7);
    assert.deepEqual(
      settings.routes.map(({ place }) => place),
      ['balancer.routes[0]', 'balancer.routes[1]', 'balancer.to'],
    );
  });

  test('redirects and answers', () => {
    assert.deepEqual(one('/old -> redirect:301 https://{host}/new{path}{query}').action, {
      kind: 'redirect',
      status: 301,
      location: 'https://{host}/new{path}{query}',
    });
    assert.deepEqual(one('/old -> redirect /ü').action, {
      kind: 'redirect',
      status: 302,
      location: '/%C3%BC',
    });
    assert.deepEqual(one('/h -> respond:200 all is well').action, {
      kind: 'respond',
      status: 200,
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      body: 'all is well',
    });
    assert.deepEqual(one('/h -> respond:204').action, {
      kind: 'respond',
      status: 204,
      headers: {},
      body: '',
    });
  });

  test('objects', () => {
    const api = one({
      match: 'POST /v1',
      to: ['http://a', { url: 'http://b' }],
      strip: true,
      add: '/x',
      rate: '10/s',
    });
    assert.deepEqual([api.stripPrefix, api.addPrefix, api.rateLimit?.perSecond], ['/v1', '/x', 10]);
    assert.equal(api.text, 'POST /v1 -> http://a,http://b');
    assert.deepEqual(
      one({ match: '/h', respond: '{}', status: 201, headers: { 'content-type': 'application/json' } })
        .action,
      {
        kind: 'respond',
        status: 201,
        headers: { 'content-type': 'application/json' },
        body: '{}',
      },
    );
    assert.equal(one({ match: '/h', respond: 403 }).text, '/h -> respond:403');
    assert.equal(one({ redirect: 'https://x' }).text, '/ -> redirect:302 https://x');
  });

  const bad: readonly (readonly [unknown, RegExp])[] = [
    ['/x', /has no ->/],
    ['/x ->', /leads nowhere/],
    ['/x -> a b', /has the option b/],
    ['/x -> a add', /has the option add/],
    ['/x -> a strip=/y', /strips \/y/],
    ['/x -> a add=y', /without a slash/],
    ['/x -> a/b', /no name and no address/],
    ['/x -> http://a:99999', /not the address/],
    ['/x -> http://a,b', /not the address/],
    ['/x -> http://a,http://a', /there once/],
    ['/x -> http://user@a', /not the address/],
    ['/x -> http://a/b', /without a path/],
    ['/x -> https+insecure://', /not the address/],
    ['/x -> unix:a.sock', /not the address/],
    ['/x -> redirect:200 /y', /redirects with 200/],
    ['/x -> redirect:301 javascript:alert(1)', /redirects to/],
    ['/x -> redirect:301 /y{port}', /has \{port\}/],
    ['/x -> respond:99 y', /status 99/],
    [{ match: '/x' }, /leads nowhere/],
    [{ to: 'a', redirect: '/b' }, /has both to and redirect/],
    [{ match: '/x', to: 'a', stripp: true }, /Did you mean strip/],
    [{ match: '/x', to: ['a'] }, /not the address/],
    [{ match: '/x', to: [{ url: 'http://a', backup: true }] }, /only of backups/],
    [{ match: '/x', respond: 'x', headers: { 'x-a': 'b\r\nc: d' } }, /cannot be sent/],
    [{ match: '/x', to: 'a', rate: 'fast' }, /a rate/],
    [17, /not a route/],
    [null, /not a route/],
  ];
  for (const [written, reason] of bad)
    test(`${JSON.stringify(written)} is refused`, () => refuses(written, reason));

  test('whatever is written is a route, or an error that names it', () => {
    const words = fc.constantFrom(
      '/',
      '/v1',
      'a.b',
      '*',
      '->',
      'GET',
      'header:x',
      'strip',
      'add=/x',
      'http://a',
      'redirect:301',
      'respond:200',
      '%',
      '{',
      '..',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((some) => some.join(' ')),
          fc.anything(),
        ),
        (written) => {
          try {
            settled(written);
          } catch (error) {
            if (!(error instanceof SkeinError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the order of routes', () => {
  test('most specific first, and then as they are written', () => {
    const texts = [
      '/ -> a',
      '*.b.com -> a',
      '/v1/long -> a',
      '/v1 -> a',
      'GET /v1 -> a',
      'POST /v1 header:x -> a',
      'PUT /v1 -> a',
      '*.a.b.com -> a',
      'b.com -> a',
      'b.com/v1 -> a',
    ];
    assert.deepEqual(
      settled(...texts).map(({ text }) => text),
      [
        'b.com/v1 -> a',
        'b.com -> a',
        '*.a.b.com -> a',
        '*.b.com -> a',
        '/v1/long -> a',
        'POST /v1 header:x -> a',
        'GET /v1 -> a',
        'PUT /v1 -> a',
        '/v1 -> a',
        '/ -> a',
      ],
    );
  });

  const shadows: readonly (readonly [string, string])[] = [
    ['/ -> a', '/* -> b'],
    ['a.com/x -> a', 'A.com/x/ -> b'],
    ['GET,POST /x -> a', 'POST /x -> b'],
    ['GET /x -> a', 'HEAD /x -> b'],
    ['/x header:v -> a', '/x header:v=2 -> b'],
  ];
  for (const [by, lost] of shadows)
    test(`\`${by}\` before \`${lost}\` is an error that names both`, () => {
      assert.throws(
        () => settled(by, lost),
        (error) => {
          assert.ok(error instanceof SkeinError && error.code === 'E_ROUTE');
          assert.ok(
            error.message.startsWith(
              `routes[1]: the route \`${lost}\` can never be reached: \`${by}\` (routes[0])`,
            ),
            error.message,
          );
          return true;
        },
      );
    });

  for (const [first, second] of [
    ['/x -> a', 'GET /x -> b'],
    ['GET /x -> a', 'POST /x -> b'],
    ['GET,POST /x -> a', 'POST,PUT /x -> b'],
    ['/x header:v=1 -> a', '/x header:v=2 -> b'],
    ['* -> a', 'a.com -> b'],
    ['/x/y -> a', '/x -> b'],
  ] as const)
    test(`\`${first}\` and \`${second}\` are both reached`, () => {
      assert.equal(settled(first, second).length, 2);
    });

  test('a route that is found to be lost is never the first that fits', () => {
    const routes = fc.array(
      fc.record({
        match: fc.record({
          host: fc.constantFrom('*', '*.a', 'b.a'),
          path: fc.constantFrom('/', '/x'),
          methods: fc.constantFrom<string[]>([], ['GET'], ['POST'], ['GET', 'POST']),
          headers: fc.constantFrom<RouteMatch['headers']>(
            [],
            [{ name: 'h', value: null }],
            [{ name: 'h', value: '1' }],
          ),
        }),
      }),
      { maxLength: 6 },
    );
    const requests = ['b.a', 'c.a', 'z'].flatMap((host) =>
      ['/', '/x'].flatMap((path) =>
        ['GET', 'HEAD', 'POST', 'PUT'].flatMap((method) =>
          [null, '0', '1'].map((header) => ({ host, path, method, header })),
        ),
      ),
    );
    const fits = (route: RouteMatch, { host, path, method, header }: (typeof requests)[number]): boolean =>
      (route.host === '*' || route.host === host || (route.host === '*.a' && host.endsWith('.a'))) &&
      (route.path === '/' || route.path === path) &&
      (route.methods.length === 0 ||
        route.methods.includes(method) ||
        (method === 'HEAD' && route.methods.includes('GET'))) &&
      route.headers.every(({ value }) => header !== null && (value === null || value === header));
    fc.assert(
      fc.property(routes, (given) => {
        const sorted = given.toSorted(bySpecificity);
        const lost = shadowed(sorted);
        if (lost === undefined) return;
        for (const request of requests)
          assert.notEqual(
            sorted.find((route) => fits(route.match, request)),
            lost.route,
          );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a balancer', () => {
  const draft: BalancerDraft = { listen: [{ address: '127.0.0.1:1' }] };

  test('needs somewhere to send requests', () => {
    assert.throws(() => balancerOf(draft, keyText), { code: 'E_CONFIG' });
  });

  test('listens at good addresses, each once', () => {
    const read = (value: unknown): unknown => readListen(value, () => 'listen', '/');
    assert.deepEqual(read(['localhost:80', '[::1]:443', 'unix:/run/x.sock', '0.0.0.0:08080']), [
      { address: '127.0.0.1:80' },
      { address: '[::1]:443' },
      { address: 'unix:/run/x.sock' },
      { address: '0.0.0.0:8080' },
    ]);
    for (const bad of [
      '8080',
      ':80',
      '127.0.0.1',
      '127.0.0.1:0',
      '127.0.0.1:65536',
      '[::1]',
      '::1:80',
      'example.com:80',
      '1.2.3:80',
      `unix:/${'x'.repeat(110)}`,
      'unix:x',
      [],
      ['127.0.0.1:80', 'localhost:80'],
      {},
      { address: '127.0.0.1:80', tsl: 1 },
      null,
    ])
      assert.throws(() => read(bad), { code: 'E_BAD_VALUE' }, JSON.stringify(bad));
  });

  test('has own settings for each pool, over those for all', () => {
    const { pools } = balancerOf(
      {
        ...draft,
        pool: { policy: { name: 'random' }, queue: { size: 1 }, weights: [5] },
        pools: {
          a: {
            to: readUpstreams('http://a', within),
            pool: { queue: { timeoutMs: 7 }, activeHealth: { path: '/h' } },
          },
          b: { to: readUpstreams('http://b', within), pool: {} },
        },
        routes: readRoutes(['/ -> a', '/b -> b'], within),
      },
      keyText,
    );
    const { a, b } = pools;
    assert.deepEqual(a?.settings.queue, { size: 1, timeoutMs: 7 });
    assert.equal(a?.settings.activeHealth?.path, '/h');
    assert.deepEqual(a?.settings.weights, [5]);
    assert.equal(b?.settings.activeHealth, null);
    assert.deepEqual([a?.settings.policy.name, b?.settings.policy.name], ['random', 'random']);
  });
});
