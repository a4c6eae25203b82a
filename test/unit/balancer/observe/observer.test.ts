import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { MOST_SERIES, isOwnError } from '../../../../src/balancer/observe/counters.ts';
import { createObserver } from '../../../../src/balancer/observe/observer.ts';
import type { BalancerObserver, ObserverOptions } from '../../../../src/balancer/observe/observer.ts';
import type { Outcome, Termination } from '../../../../src/balancer/contract.ts';
import type { BalancerReport, FromBalancer, UpstreamReport } from '../../../../src/protocol/balance.ts';
import { member, outcome, route } from './outcome.ts';

const upstream = (place: string, changes: Partial<UpstreamReport> = {}): UpstreamReport => ({
  id: place,
  place,
  availability: 'up',
  weight: 1,
  inFlight: 0,
  requests: 0,
  failures: 0,
  ejections: 0,
  reused: 0,
  moved: 0,
  ...changes,
});

type Gauges = ReturnType<ObserverOptions['gauges']>;
const quiet: Gauges = {
  connections: 0,
  tunnels: 0,
  inFlight: 0,
  queued: 0,
  pools: { web: [upstream('web/0')] },
};

const observing = (
  gauges: () => Gauges = () => quiet,
): { observer: BalancerObserver; reports: BalancerReport[]; log: PassThrough } => {
  const reports: BalancerReport[] = [];
  const log = new PassThrough({ encoding: 'utf8' });
  const say = (said: FromBalancer): void => {
    if (said.say === 'report') reports.push(said.report);
  };
  const observer = createObserver({ gauges, say, stream: () => log, now: () => 0 });
  return { observer, reports, log };
};

test('a report counts what has ended', async () => {
  const { observer, reports } = observing();
  observer.ended(outcome());
  observer.ended(outcome({ tries: 3, reused: false, bytesIn: 7 }));
  observer.ended(
    outcome({
      status: 503,
      upstream: undefined,
      tries: 0,
      bytesOut: 10,
      termination: { who: 'R', phase: 'Q' },
    }),
  );
  await observer.close();
  const [report] = reports;
  assert.ok(report);
  assert.equal(report.requests, 3);
  assert.equal(report.retries, 2);
  assert.equal(report.bytesIn, 7);
  assert.equal(report.bytesOut, 2478);
  assert.deepEqual(report.errors, { 503: 1 });
  assert.deepEqual(report.ends, { '--': 2, RQ: 1 });
  assert.deepEqual(report.responses, { '/ -> web\0web/0\x00200': 2, '/ -> web\0\x00503': 1 });
  assert.equal(report.latency.counts.length, report.latency.bounds.length + 1);
  assert.equal(report.latency.counts[report.latency.bounds.indexOf(5)], 3);
  const [web] = report.pools['web']!;
  assert.equal(web?.latency?.[report.latency.bounds.indexOf(5)], 2);
});

test('a report is said when something has changed, and then only', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let inFlight = 0;
  const { observer, reports } = observing(() => ({ ...quiet, inFlight }));
  t.mock.timers.tick(1000);
  assert.equal(reports.length, 1);
  t.mock.timers.tick(5000);
  assert.equal(reports.length, 1);
  inFlight = 1;
  t.mock.timers.tick(999);
  assert.equal(reports.length, 1);
  t.mock.timers.tick(1);
  assert.equal(reports.length, 2);
  observer.ended(outcome());
  t.mock.timers.tick(1000);
  assert.equal(reports.length, 3);
});

test('upstreams that are members no longer are forgotten', () => {
  let pools = { web: [upstream('web/0'), upstream('web/1')] };
  const { observer, reports } = observing(() => ({ ...quiet, pools }));
  observer.ended(outcome());
  observer.report();
  pools = { web: [upstream('web/1')] };
  observer.report();
  pools = { web: [upstream('web/0')] };
  observer.report();
  assert.deepEqual(
    reports.map(({ pools: { web } }) => web?.[0]?.latency !== undefined),
    [true, false, false],
  );
});

test('the number of series has a bound', () => {
  const { observer, reports } = observing();
  for (let at = 0; at < MOST_SERIES + 500; at += 1)
    observer.ended(outcome({ upstream: member(`web/${at}`), route: route() }));
  observer.report();
  const { responses } = reports[0]!;
  assert.equal(Object.keys(responses).length, MOST_SERIES + 1);
  assert.equal(responses['(other)\0\x002xx'], 500);
});

test('a tunnel is no latency', () => {
  const { observer, reports } = observing();
  observer.ended(outcome({ status: 101, totalMs: 3_600_000 }));
  observer.report();
  assert.ok(reports[0]?.latency.counts.every((count) => count === 0));
});

const owns: readonly (readonly [status: number, end: string, own: boolean])[] = [
  [200, '--', false],
  [500, '--', false],
  [503, '--', false],
  [502, 'SC', true],
  [502, 'SH', true],
  [504, 'sH', true],
  [503, 'RQ', true],
  [400, 'PR', true],
  [408, 'cR', true],
  [500, 'SD', false],
  [500, 'sL', false],
  [499, 'CH', false],
];
for (const [status, end, own] of owns)
  test(`${status} ${end} is ${own ? 'an error of the balancer' : "not the balancer's"}`, () => {
    const termination = { who: end[0], phase: end[1] } as Termination;
    assert.equal(isOwnError({ status, termination } satisfies Pick<Outcome, 'status' | 'termination'>), own);
  });

test('lines go out in the format of the moment, and none when it is off', async () => {
  const { observer, log } = observing();
  observer.ended(outcome());
  observer.logAs('combined');
  observer.ended(outcome());
  observer.logAs('json');
  observer.ended(outcome());
  observer.logAs('off');
  observer.ended(outcome());
  await observer.close();
  const written = String(log.read()).split('\n');
  assert.equal(written.length, 3);
  assert.match(written[0]!, /^203\.0\.113\.9 - - \[01\/Jan\/1970/);
  assert.match(written[1]!, /^\{"time":"1970/);
});

test('without anybody to tell there are still lines', async () => {
  const log = new PassThrough({ encoding: 'utf8' });
  const observer = createObserver({ gauges: () => quiet, say: undefined, stream: () => log });
  observer.logAs('json');
  observer.ended(outcome());
  observer.report();
  await observer.close();
  assert.match(String(log.read()), /"status":200/);
});

test('a supervisor that is new hears the report again', () => {
  const { observer, reports } = observing();
  observer.report();
  observer.report();
  assert.equal(reports.length, 1);
  observer.logAs('off');
  observer.report();
  assert.equal(reports.length, 2);
});
