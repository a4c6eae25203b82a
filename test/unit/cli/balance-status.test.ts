import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prometheusText } from '../../../src/cli/output/prometheus-text.ts';
import type { BalancerView, UpstreamView } from '../../../src/protocol/balancer-view.ts';
import { answer, fakeControl } from '../control/fake-control.ts';
import { runCli } from './run-cli.ts';

const upstream = (changes: Partial<UpstreamView> = {}): UpstreamView => ({
  place: 'api/0',
  id: 'w1',
  address: 'unix:/h/s/1',
  backup: false,
  state: 'up',
  availability: { up: 2 },
  weight: 1,
  byCommand: null,
  inFlight: 3,
  requests: 12_345,
  failures: 2,
  connectErrors: 1,
  ejections: 0,
  reused: 12_000,
  moved: 0,
  p50Ms: 3.42,
  p95Ms: 40,
  p99Ms: 1234,
  ...changes,
});

const view: BalancerView = {
  name: 'api:balancer',
  frontOf: 'api',
  listen: ['[::]:3000'],
  revision: 5,
  workers: [
    { slot: 0, pid: 1, revision: 5, refused: null },
    { slot: 1, pid: 2, revision: 4, refused: null },
  ],
  routes: [{ text: '/ -> api', place: 'balance', requests: 12_345 }],
  pools: [
    {
      name: 'api',
      policy: 'least-connections',
      expected: true,
      upstreams: [
        upstream(),
        upstream({
          place: 'api/1',
          state: 'draining',
          availability: { draining: 2 },
          byCommand: { state: 'draining', weight: 5 },
          weight: 5,
          moved: 7,
          p50Ms: null,
          p99Ms: null,
        }),
        upstream({ place: 'api/2', availability: { up: 1, ejected: 1 }, ejections: 1, backup: true }),
      ],
    },
    { name: 'web', policy: 'random', expected: true, upstreams: [] },
  ],
  totals: {
    connections: 64,
    tunnels: 1,
    inFlight: 3,
    queued: 0,
    requests: 12_346,
    retries: 2,
    errors: { 503: 1 },
    responses: { '/ -> "api"\0api/0\x00200': 12_345 },
    latency: { bounds: [1, 5], counts: [1, 2, 3], sumMs: 1500 },
    pools: {},
    ends: { '--': 12_345, RQ: 1 },
    bytesIn: 7,
    bytesOut: 8,
    linesDropped: 0,
  },
  p50Ms: 3.5,
  p95Ms: 12,
  p99Ms: 99,
};

const routes = (balancers: readonly BalancerView[]) => ({
  'GET /v1/balancers': answer({ version: 1, balancers }),
});

test('balance status as text', async (t) => {
  const { home } = await fakeControl(t, routes([view]));
  const { stdout, code } = await runCli(home, ['balance', 'status', 'api']);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `api:balancer  2 workers on [::]:3000
  12,346 requests · 3 in flight · 0 queued · 64 connections · 1 tunnel · 2 retries · 1 error of its own · p50 3.5 ms · p95 12 ms · p99 99 ms
  worker 1 has not taken the newest settings yet

pool  upstream        state        weight  in flight  requests  failures  ejected     p50    p99  moved  by command
api   api/0           up                1          3    12,345         2           3.4 ms  1.2 s
api   api/1           draining          5          3    12,345         2                              7  draining, weight 5
api   api/2 (backup)  ejected 1/2       1          3    12,345         2        1  3.4 ms  1.2 s
pool web has no upstream; requests wait for one
`,
  );
});

test('balance status where nothing is balanced, nothing runs, or settings are refused', async (t) => {
  const none = await fakeControl(t, routes([]));
  assert.equal((await runCli(none.home, ['balance', 'status'])).stdout, 'nothing is balanced\n');
  const bare = { ...view, workers: [], pools: [], totals: null, listen: [] };
  const asleep = await fakeControl(t, routes([bare]));
  assert.equal(
    (await runCli(asleep.home, ['balance', 'status'])).stdout,
    'api:balancer  0 workers\n  nothing is reported yet\n  none of its workers runs\n',
  );
  const refused = { place: 'balancer.listen[0]', reason: 'the certificate has expired' };
  const stuck = { ...bare, workers: [{ slot: 0, pid: 1, revision: 4, refused }] };
  const wrong = await fakeControl(t, routes([stuck]));
  assert.match(
    (await runCli(wrong.home, ['balance', 'status'])).stdout,
    /worker 0 goes on by earlier settings: balancer\.listen\[0]: the certificate has expired/,
  );
});

test('balance status as JSON is what the supervisor says', async (t) => {
  const { home } = await fakeControl(t, routes([view]));
  const { stdout } = await runCli(home, ['balance', 'status', '--json']);
  assert.deepEqual(JSON.parse(stdout), { version: 1, balancers: [view] });
});

test('balance status for Prometheus', async (t) => {
  const { home } = await fakeControl(t, routes([view]));
  const { stdout } = await runCli(home, ['balance', 'status', '--prometheus']);
  const lines = stdout.split('\n');
  for (const line of [
    '# TYPE skein_balancer_requests_total counter',
    'skein_balancer_requests_total{balancer="api:balancer"} 12346',
    'skein_balancer_responses_total{balancer="api:balancer",route="/ -> \\"api\\"",upstream="api/0",status="200"} 12345',
    'skein_balancer_own_errors_total{balancer="api:balancer",status="503"} 1',
    'skein_balancer_ends_total{balancer="api:balancer",end="RQ"} 1',
    'skein_balancer_request_seconds_bucket{balancer="api:balancer",le="0.005"} 3',
    'skein_balancer_request_seconds_bucket{balancer="api:balancer",le="+Inf"} 6',
    'skein_balancer_request_seconds_sum{balancer="api:balancer"} 1.5',
    'skein_balancer_request_seconds_count{balancer="api:balancer"} 6',
    'skein_balancer_upstream_state{balancer="api:balancer",pool="api",upstream="api/2",state="ejected"} 1',
  ])
    assert.ok(lines.includes(line), line);
  assert.ok(lines.every((line) => line === '' || /^(# (HELP|TYPE) \w+ .+|\w+\{.*\} -?[\d.e+]+)$/.test(line)));
  assert.equal(prometheusText([]), '');
});

for (const [words, body, said] of [
  [
    ['drain', 'api', '0'],
    { app: 'api', upstream: '0', state: 'draining' },
    'gets nothing new; its sessions and what is open stay',
  ],
  [
    ['maint', 'api', '0'],
    { app: 'api', upstream: '0', state: 'maintenance' },
    'gets nothing; what is open goes on',
  ],
  [['ready', 'api', '0'], { app: 'api', upstream: '0', state: 'up' }, 'serves'],
  [['weight', 'api', '0', '5'], { app: 'api', upstream: '0', weight: 5 }, 'serves, weight 5'],
  [['weight', 'api', '0', 'default'], { app: 'api', upstream: '0', weight: null }, 'serves'],
] as const)
  test(`balance ${words.join(' ')}`, async (t) => {
    const { state, weight } = { state: 'up', weight: null, ...body };
    const { home, bodies } = await fakeControl(t, {
      'POST /v1/upstreams': answer({ app: 'api', place: 'api/0', state, weight }),
    });
    const result = await runCli(home, ['balance', ...words]);
    assert.deepEqual(result, { code: 0, stdout: `api/0 ${said}\n`, stderr: '' });
    assert.deepEqual(bodies, [body]);
  });

for (const [line, message] of [
  ['balance weight api 0 -1', /unknown option|weight: -1/i],
  ['balance weight api 0 1001', /weight: 1001 is not a whole number from 0 to 1000/],
  ['balance weight api 0 x', /weight: x is not/],
  ['balance drain api', /missing required argument/i],
  ['balance drain', /missing required argument/i],
] as const)
  test(`refused: ${line}`, async (t) => {
    const { home, bodies } = await fakeControl(t, {});
    const { code, stderr } = await runCli(home, line.split(' '));
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.deepEqual(bodies, []);
  });
