import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countErrors, parseWrk } from '../lib/wrk.ts';

const output = `Running 2s test @ http://127.0.0.1:3000/
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.23ms    2.34ms  45.67ms   93.21%
    Req/Sec    31.45k     3.21k   38.90k    70.00%
  125401 requests in 2.05s, 21.65MB read
`;

test('the requests and their rate are read', () => {
  const result = parseWrk(`${output}Requests/sec:  61200.12\nTransfer/sec:     10.57MB\n`);
  assert.equal(result.requests, 125_401);
  assert.equal(result.requestsPerSecond, 61_200.12);
  assert.equal(countErrors(result.errors), 0);
});

test('percentiles are read in milliseconds, and are unknown when wrk prints none', () => {
  const distribution = '  Latency Distribution\n     50%  640.00us\n     75%    1.10ms\n     99%    2.00s\n';
  const result = parseWrk(`${output}${distribution}Requests/sec:  61200.12\n`);
  assert.equal(result.p50Ms, 0.64);
  assert.equal(result.p99Ms, 2000);
  assert.equal(parseWrk(`${output}Requests/sec:  1\n`).p99Ms, null);
});

test('every kind of error is counted', () => {
  const errors = `  Socket errors: connect 1, read 84, write 2, timeout 3\n  Non-2xx or 3xx responses: 5\n`;
  const result = parseWrk(`${output}${errors}Requests/sec:  61200.12\n`);
  assert.deepEqual(result.errors, { connect: 1, read: 84, write: 2, timeout: 3, status: 5 });
  assert.equal(countErrors(result.errors), 95);
});

test('an output without a rate is an error that shows it', () => {
  assert.throws(() => parseWrk('unable to connect to 127.0.0.1:3000'), /unable to connect/);
});
