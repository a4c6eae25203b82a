import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BalancerReport, UpstreamReport } from '../../../src/protocol/balance.ts';
import { mergeReports } from '../../../src/protocol/balancer-report.ts';

const upstream = (changes: Partial<UpstreamReport>): UpstreamReport => ({
  id: 'a',
  place: 'web/0',
  availability: 'up',
  weight: 1,
  inFlight: 1,
  requests: 10,
  failures: 2,
  ejections: 1,
  reused: 5,
  moved: 3,
  ...changes,
});
const report = (changes: Partial<BalancerReport>): BalancerReport => ({
  connections: 1,
  tunnels: 2,
  inFlight: 3,
  queued: 4,
  requests: 5,
  retries: 6,
  errors: { 503: 1 },
  responses: { 'r\0p\x00200': 2 },
  latency: { bounds: [1, 2], counts: [1, 2, 3], sumMs: 10 },
  pools: { web: [upstream({ latency: [1, 0, 0] })] },
  ends: { '--': 1 },
  bytesIn: 7,
  bytesOut: 8,
  linesDropped: 9,
  ...changes,
});

test('no report is none', () => {
  assert.equal(mergeReports([]), null);
});

test('reports of two workers add up', () => {
  const other = report({
    errors: { 503: 1, 404: 2 },
    responses: { 'r\0p\x00200': 1, 'r\0q\x00200': 1 },
    pools: {
      web: [upstream({ availability: 'down', latency: [0, 1, 0], connectErrors: 4 }), upstream({ id: 'b' })],
      api: [upstream({ id: 'c' })],
    },
    ends: { CH: 2 },
  });
  const sum = mergeReports([report({}), other, report({ latency: { bounds: [5], counts: [100, 100] } })])!;
  assert.deepEqual(
    [sum.connections, sum.tunnels, sum.inFlight, sum.queued, sum.requests, sum.retries],
    [3, 6, 9, 12, 15, 18],
  );
  assert.deepEqual(sum.errors, { 404: 2, 503: 3 });
  assert.deepEqual(sum.responses, { 'r\0p\x00200': 5, 'r\0q\x00200': 1 });
  assert.deepEqual(sum.ends, { '--': 2, CH: 2 });
  assert.deepEqual([sum.bytesIn, sum.bytesOut, sum.linesDropped], [21, 24, 27]);
  // The third has other ranges.
  assert.deepEqual(sum.latency, { bounds: [1, 2], counts: [2, 4, 6], sumMs: 20 });
  const [a, b] = sum.pools['web']!;
  assert.deepEqual(a, {
    id: 'a',
    place: 'web/0',
    availability: 'up',
    weight: 1,
    inFlight: 3,
    requests: 30,
    failures: 6,
    ejections: 3,
    reused: 15,
    moved: 9,
    connectErrors: 4,
    latency: [2, 1, 0],
  });
  assert.equal(b?.id, 'b');
  assert.equal(sum.pools['api']?.length, 1);
});
