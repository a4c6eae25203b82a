/** `skein balance`: what it asks for, and what it refuses before anything is asked. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import { answer, answerLines, app, fakeControl, operation } from '../control/fake-control.ts';
import { runCli } from './run-cli.ts';

const done = operation({ state: 'succeeded', app: 'edge', verb: 'start', endedAt: 3_300 });

const routes = {
  'GET /v1/apps': answer({ version: 1, apps: [app()] }),
  'POST /v1/apply': answer({
    plan: [{ app: 'edge', action: 'start', changed: [] }],
    leftAlone: ['api'],
    operations: [{ ...done, state: 'running' }],
  }),
  'GET /v1/operations/op1/follow': answerLines(done),
};

test('it is an app, applied: started, or changed where it runs', async (t) => {
  const { home, bodies } = await fakeControl(t, routes);
  const upstream = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => upstream.close());
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const result = await runCli(home, [
    ...['balance', '--listen', '127.0.0.1:8080', '-l', 'unix:/run/edge.sock', '--name', 'edge', '-i', '2'],
    ...[
      '--to',
      `http://127.0.0.1:${port}`,
      '--route',
      'a.example.com/v1/* -> api strip',
      '--trust',
      '10.0.0.0/8,::1',
    ],
    ...['--policy', 'hash', '--by', 'cookie:sid', '--sticky', '--health', '/up', '--access-log', 'json'],
  ]);
  assert.deepEqual([result.code, result.stderr], [0, '']);
  assert.match(result.stdout, /^\+ edge start\nedge started in 2\.3 s/);
  const [{ apps, stop }] = bodies as [{ apps: [{ spec: AppSpec }]; stop: string }];
  const { spec } = apps[0];
  assert.equal(stop, 'none');
  assert.deepEqual(
    [spec.name, spec.script, spec.kind, spec.interpreter, spec.ready, spec.instances, spec.source],
    ['edge', 'skein:balancer', 'node', null, { kind: 'message' }, 2, null],
  );
  const balancer = spec.balancer!;
  assert.deepEqual(
    balancer.listen.map(({ address }) => address),
    ['127.0.0.1:8080', 'unix:/run/edge.sock'],
  );
  assert.deepEqual(
    balancer.routes.map(({ text }) => text),
    ['a.example.com/v1/* -> api strip', `/ -> http://127.0.0.1:${port}`],
  );
  assert.deepEqual(balancer.trust, ['10.0.0.0/8', '::1']);
  assert.equal(balancer.accessLog.format, 'json');
  const [pool] = Object.values(balancer.pools);
  assert.deepEqual(pool?.settings.policy, { name: 'hash', by: { from: 'cookie', name: 'sid' } });
  assert.deepEqual([pool?.settings.sticky?.by, pool?.settings.activeHealth?.path], ['cookie', '/up']);
});

test('who cannot be reached is a warning that names it', async (t) => {
  const { home } = await fakeControl(t, routes);
  const { code, stderr } = await runCli(home, ['balance', '--to', 'unix:/run/not-there.sock', '-n', 'edge']);
  assert.equal(code, 0);
  assert.equal(
    stderr,
    'skein: unix:/run/not-there.sock cannot be reached now (ENOENT); it gets requests when it can.\n',
  );
});

const mistakes: readonly (readonly [args: readonly string[], message: RegExp, code?: number])[] = [
  [[], /needs to know where requests go/],
  [['--to', '127.0.0.1:3000'], /--to: 127\.0\.0\.1:3000 is not the address/],
  [['--to', 'http://a', '--listen', '8080'], /--listen: 8080 is not an address and a port/],
  [['--to', 'http://a', '-l', '[::1]:80', '-l', '[::1]:80'], /--listen: \[::1\]:80 is not there once/],
  [['--to', 'http://a', '--policy', 'best'], /--policy: best is not one of least-connections/],
  [
    ['--to', 'http://a', '--policy', 'random', '--by', 'address'],
    /--by: address is not for the policy random/,
  ],
  [['--to', 'http://a', '--trust', 'everybody'], /--trust: everybody is not an address or a network/],
  [['--to', 'http://a', '--sticky', 'glue'], /--sticky: glue is not how sessions stay/],
  [['--to', 'http://a', '--health', 'up'], /--health: up is not a path/],
  [['--to', 'http://a', '--access-log', 'fancy'], /--access-log: fancy is not one of off, combined, json/],
  [['--to', 'http://a', '--tls-cert', 'c.pem'], /--tls-cert and --tls-key go together/],
  [
    ['--to', 'http://a', '--tls-cert', 'c.pem', '--tls-key', 'k.pem'],
    /--tls-cert: the file .*c\.pem is not there/,
  ],
  [['--to', 'http://a', '-i', '0'], /--instances: 0/],
  [['--to', 'http://a', '-n', 'a b'], /--name: a b is not a name/],
  [['--to', 'http://a', '-n', 'api'], /An app named api runs already/, 7],
  [['--route', '/x'], /--route: the route `\/x` has no ->/],
  [['--route', '/ -> apii'], /--route: the route `\/ -> apii` leads to apii/],
  [
    ['--route', '/ -> api', '--route', '/* -> web'],
    /`\/\* -> web` can never be reached: `\/ -> api` \(--route\)/,
  ],
  [
    ['--route', '/ -> api', '--to', 'http://a'],
    /--to: the route .* can never be reached: `\/ -> api` \(--route\)/,
  ],
  [['--to', 'http://a', '--colour', 'red'], /[Uu]nknown option '--colour'/],
];

for (const [args, message, code = 2] of mistakes)
  test(`refused: balance ${args.join(' ')}`, async (t) => {
    const { home, bodies } = await fakeControl(t, routes);
    const result = await runCli(home, ['balance', ...args]);
    assert.match(result.stderr, message);
    assert.equal(result.code, code);
    assert.deepEqual(bodies, []);
  });
