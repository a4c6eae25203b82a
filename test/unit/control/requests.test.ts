import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { balancerOf } from '../../../src/config/balance/balancer.ts';
import { readRoutes } from '../../../src/config/balance/routes.ts';
import { balanceWith } from '../../../src/config/balance/settle.ts';
import { checkApply, checkOperation, checkSignal, checkStart } from '../../../src/control/requests.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import { appSpec } from '../support/app-spec.ts';

const refused = (what: () => unknown, reason: RegExp): void => {
  assert.throws(
    what,
    (error) => error instanceof SkeinError && error.code === 'E_BAD_REQUEST' && reason.test(error.message),
  );
};

test('a whole spec passes, one with a field missing, wrong or unknown does not', () => {
  assert.deepEqual(checkStart({ spec: appSpec() }).spec, appSpec());
  refused(() => checkStart({ spec: { ...appSpec(), instances: 0 } }), /spec\.instances is not valid/);
  refused(() => checkStart({ spec: { ...appSpec(), color: 'red' } }), /spec\.color is not known/);
  refused(() => checkStart({ spec: { ...appSpec(), name: '../x' } }), /spec\.name/);
  refused(() => checkStart({ spec: { ...appSpec(), ready: { kind: 'http', path: 'x' } } }), /spec\.ready/);
  const { cwd: _, ...rest } = appSpec();
  refused(() => checkStart({ spec: rest }), /spec\.cwd is missing/);
  refused(() => checkStart([]), /not an object/);
});

test('operations', () => {
  const reload = {
    verb: 'reload',
    targets: ['api'],
    parallel: 2,
    patch: { instances: 3, restart: { auto: false } },
  };
  assert.deepEqual(checkOperation(reload), reload);
  refused(() => checkOperation({ verb: 'explode', targets: ['api'] }), /verb/);
  refused(() => checkOperation({ verb: 'stop', targets: [] }), /targets/);
  refused(() => checkOperation({ verb: 'scale', targets: ['api'] }), /to is missing/);
  refused(
    () => checkOperation({ verb: 'reload', targets: ['api'], patch: { name: 'other' } }),
    /patch\.name is not known/,
  );
  refused(() => checkOperation({ verb: 'reload', targets: ['api'], parallel: 0 }), /parallel/);
  refused(() => checkSignal({ targets: ['api'] }), /signal/);
});

test('apply', () => {
  const request = {
    apps: [{ spec: appSpec(), autostart: true }],
    stop: { source: '/srv/skein.config.ts' },
    atLeast: null,
    dryRun: false,
  };
  assert.deepEqual(checkApply(request), request);
  assert.deepEqual(checkApply({ ...request, apps: [], stop: 'none', parallel: 2, updateEnv: true }).apps, []);
  const [app] = request.apps;
  refused(() => checkApply({ ...request, apps: [app, app] }), /two of its apps are named api/);
  refused(() => checkApply({ ...request, apps: [{ ...app, autostart: 1 }] }), /apps\[0\]\.autostart/);
  refused(
    () => checkApply({ ...request, apps: [{ spec: appSpec({ cwd: '' }), autostart: true }] }),
    /apps\[0\]\.spec\.cwd/,
  );
  refused(() => checkApply({ ...request, stop: 'some' }), /apply\.stop/);
  refused(() => checkApply({ ...request, atLeast: 'stop' }), /apply\.atLeast/);
  refused(() => checkApply({ ...request, parallel: 0 }), /apply\.parallel/);
  refused(() => checkApply({ ...request, force: true }), /apply\.force is not known/);
  const { dryRun: _, ...rest } = request;
  refused(() => checkApply(rest), /apply\.dryRun is missing/);
});

test('whatever is sent, the answer is a request or E_BAD_REQUEST', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const check of [checkStart, checkOperation, checkSignal, checkApply]) {
        try {
          check(value);
        } catch (error) {
          assert.ok(error instanceof SkeinError, String(error));
        }
      }
    }),
  );
});

test('settings of balancing, whole in a spec and in parts in a patch', () => {
  const balance = balanceWith(null, {
    pool: {
      policy: { name: 'hash', by: { from: 'header', name: 'x-user' } },
      sticky: { by: 'cookie', name: 'skein-sticky', maxAgeMs: null },
      split: {
        key: { from: 'jwt', header: 'authorization', claim: 'sub' },
        groups: { a: [0, 1], b: ['10.0.0.7:80'] },
        by: { kind: 'table', table: { acme: 'a' } },
        fallback: null,
      },
      activeHealth: {},
    },
    front: { workers: 2, trust: ['10.0.0.0/8'], limits: { bodyBytes: 1 } },
  });
  const balancer = balancerOf(
    {
      listen: [{ address: '127.0.0.1:8080' }],
      routes: readRoutes(
        [
          'GET a.example.com/v1 header:x=1 -> api strip add=/x',
          '/o -> redirect:301 /n',
          '/h -> respond:200 ok',
          '/ -> http://10.0.0.7:80,unix:/a,https://b',
        ],
        () => 'place',
      ),
    },
    () => 'place',
  );
  const spec = appSpec({ balance, balancer });
  // As it comes over the socket.
  const sent: unknown = JSON.parse(JSON.stringify({ spec }));
  assert.deepEqual(checkStart(sent).spec, spec);

  /** With another value at a path; undefined takes it away. */
  const wrong = (path: string, value: unknown): unknown => {
    const copy = structuredClone(sent) as { spec: Record<string, unknown> };
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const part = keys.reduce((at, key) => at[key] as Record<string, unknown>, copy.spec);
    if (value === undefined) delete part[last];
    else part[last] = value;
    return copy;
  };
  const badBalance: readonly (readonly [string, unknown])[] = [
    ['pool.policy', { name: 'hash' }],
    ['pool.policy.name', 'best'],
    ['pool.queue.size', -1],
    ['pool.retry', undefined],
    ['pool.colour', 'red'],
    ['front.limits.headerBytes', '16k'],
    ['front.trust', '10.0.0.0/8'],
    ['front', true],
  ];
  for (const [path, value] of badBalance)
    refused(() => checkStart(wrong(`balance.${path}`, value)), /spec\.balance is not valid/);
  const badBalancer: readonly (readonly [string, unknown])[] = [
    ['routes.0.action', { kind: 'pool' }],
    ['routes.0.match.path', 'v1'],
    ['routes.0.text', 'a\nb'],
    ['listen', [{ address: '' }]],
    ['listen.0.tls', { certificates: [], minVersion: 'TLSv1.2', http2: true }],
    ['pools', { a: { to: [] } }],
    ['frontOf', undefined],
  ];
  for (const [path, value] of badBalancer)
    refused(() => checkStart(wrong(`balancer.${path}`, value)), /spec\.balancer is not valid/);

  const patched = (patch: unknown): unknown => checkOperation({ verb: 'reload', targets: ['api'], patch });
  for (const patch of [
    { balance: null },
    { balance: {} },
    { balance: { pool: { policy: { by: { from: 'address' } }, queue: { size: 3 }, activeHealth: null } } },
    { balance: { fronted: false, front: { limits: { connections: null } } } },
  ])
    patched(patch);
  for (const balance of [
    true,
    { pool: { policy: 'random' } },
    { front: null },
    { pool: { queue: { length: 3 } } },
  ])
    refused(() => patched({ balance }), /patch\.balance is not valid/);
});
