/** Other ways in: TLS, where bytes come another way than over TCP, and IPv6. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from './cases/all.ts';
import type { Case, ExpectedRequest } from './support/case.ts';
import { head } from './support/case.ts';
import { judge } from './support/judge.ts';
import { observe } from './support/observe.ts';
import { complaints, runOurs, setupOf } from './support/run.ts';
import { balancer } from './support/skein.ts';

const TOPICS =
  /^(?:connection|pipeline|expect|interim|cut|early|upgrade|answer|bodiless|retry|trailers|CL|TE)/;
/** Node's TLS client tells no end from a cut when nothing but the end of the connection ends a body. */
const UNSEEN = /^cut: for HTTP\/1\.0: (?:chunks|to the end)/;

const secure = (request: ExpectedRequest): ExpectedRequest =>
  request.has === undefined
    ? request
    : { ...request, has: request.has.map((line) => line.replace('Proto: http', 'Proto: https')) };

const overTls = (one: Case): Case => ({
  ...one,
  expect: {
    ...one.expect,
    upstream: typeof one.expect.upstream === 'string' ? one.expect.upstream : one.expect.upstream.map(secure),
  },
});

test('over IPv6 upstreams are told the address as it is written there', async () => {
  const told = (name: string, lines: readonly string[]): Case => ({
    name,
    why: 'RFC 7239 6; balancing.md 7',
    client: [head('GET / HTTP/1.1', 'Host: [::1]:81')],
    expect: { upstream: [{ has: lines }], client: [{ status: 200, body: 'ok' }], end: 'kept' },
  });
  const plain = ['X-Forwarded-For: ::1', 'X-Real-IP: ::1', 'X-Forwarded-Host: [::1]:81'];
  for (const [setup, lines] of [
    ['plain', plain],
    ['trusting', [...plain, 'Forwarded: for="[::1]";host="[::1]:81";proto=http']],
  ] as const) {
    const ours = await balancer(setup);
    try {
      const one = told(setup, lines);
      assert.deepEqual(judge(one, await observe(ours.ipv6, one)), []);
    } finally {
      await ours.stop();
    }
  }
});

test('over TLS', async () => {
  const mine = cases
    .filter((one) => setupOf(one) === 'plain' && TOPICS.test(one.name) && !UNSEEN.test(one.name))
    .map(overTls);
  assert.equal(complaints(mine, await runOurs(mine, 'tls')), '');
});
