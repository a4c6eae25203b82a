/** Cases in which a connection matters more than a head, over TLS: there bytes come another way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from './cases/all.ts';
import type { Case, ExpectedRequest } from './support/case.ts';
import { complaints, runOurs, setupOf } from './support/run.ts';

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

test('over TLS', async () => {
  const mine = cases
    .filter((one) => setupOf(one) === 'plain' && TOPICS.test(one.name) && !UNSEEN.test(one.name))
    .map(overTls);
  assert.equal(complaints(mine, await runOurs(mine, 'tls')), '');
});
