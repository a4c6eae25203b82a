import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FailedTry, RetryVerdict } from '../../../src/balancer/retry-rules.ts';
import { defaultRetryRules, KEPT_BODY_BYTES, retryVerdict } from '../../../src/balancer/retry-rules.ts';

const idempotent = { ...defaultRetryRules, idempotent: true };
/** A GET whose connection broke after it was sent and before anything came back. */
const broken: FailedTry = {
  method: 'GET',
  failure: 'closed',
  sent: true,
  responseStarted: false,
  body: 'none',
  upgrade: false,
  clientGone: false,
  tries: 1,
};
const refused: Partial<FailedTry> = { failure: 'connect', sent: false };

const cases: readonly (readonly [name: string, failed: Partial<FailedTry>, verdict: RetryVerdict])[] = [
  ['GET, broken before its answer', {}, 'retry'],
  ['HEAD', { method: 'HEAD' }, 'retry'],
  ['OPTIONS', { method: 'OPTIONS' }, 'retry'],
  ['TRACE', { method: 'TRACE' }, 'retry'],
  ['a second time', { tries: 2 }, 'tries'],
  ['a byte of the answer was there', { responseStarted: true }, 'response-started'],
  ['the client left', { clientGone: true }, 'client-gone'],
  ['POST that was sent', { method: 'POST' }, 'method'],
  ['POST that was sent, with its body kept', { method: 'POST', body: 'kept' }, 'method'],
  ['PATCH that was sent', { method: 'PATCH' }, 'method'],
  ['LOCK that was sent', { method: 'LOCK' }, 'method'],
  ['PUT, not allowed', { method: 'PUT', body: 'kept' }, 'method'],
  ['a method in lower case is another method', { method: 'get' }, 'method'],
  ['GET with a body that is kept', { body: 'kept' }, 'retry'],
  ['GET with a body that went by', { body: 'gone' }, 'body-gone'],
  ['GET that took too long: it is still at work', { failure: 'timeout' }, 'timeout'],
  ['a tunnel that was asked for', { upgrade: true }, 'upgrade-sent'],
  ['a tunnel that was not', { upgrade: true, ...refused }, 'retry'],
  ['nobody there: GET', refused, 'retry'],
  ['nobody there: POST', { ...refused, method: 'POST', body: 'kept' }, 'retry'],
  ['nobody there, and the body has gone by', { ...refused, method: 'POST', body: 'gone' }, 'body-gone'],
  ['nobody there, twice', { ...refused, method: 'POST', tries: 2 }, 'retry'],
  ['nobody there, three times', { ...refused, tries: 3 }, 'tries'],
  ['nobody there, nor the client', { ...refused, clientGone: true }, 'client-gone'],
  ['broken before a byte was sent: POST', { sent: false, method: 'POST' }, 'retry'],
];
for (const [name, failed, verdict] of cases)
  test(`${name}: ${verdict}`, () => assert.equal(retryVerdict({ ...broken, ...failed }), verdict));

for (const method of ['PUT', 'DELETE'])
  test(`${method} where the user allows it`, () => {
    assert.equal(retryVerdict({ ...broken, method, body: 'kept' }, idempotent), 'retry');
    assert.equal(retryVerdict({ ...broken, method, body: 'gone' }, idempotent), 'body-gone');
    assert.equal(retryVerdict({ ...broken, method, failure: 'timeout' }, idempotent), 'timeout');
  });

test('never what may have been acted on and is not idempotent, never after an answer began', () => {
  fc.assert(
    fc.property(
      fc.record<FailedTry>({
        method: fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'CONNECT', 'LOCK', 'post', ''),
        failure: fc.constantFrom('connect', 'closed', 'timeout'),
        sent: fc.boolean(),
        responseStarted: fc.boolean(),
        body: fc.constantFrom('none', 'kept', 'gone'),
        upgrade: fc.boolean(),
        clientGone: fc.boolean(),
        tries: fc.integer({ min: 1, max: 4 }),
      }),
      fc.boolean(),
      (failed, allowed) => {
        if (retryVerdict(failed, allowed ? idempotent : defaultRetryRules) !== 'retry') return;
        assert.ok(
          !failed.responseStarted && !failed.clientGone && failed.body !== 'gone' && failed.tries < 3,
        );
        assert.ok(!failed.sent || failed.method === 'GET' || (allowed && failed.method === 'PUT'));
      },
    ),
  );
});

test('64 KB of a body are kept', () => assert.equal(KEPT_BODY_BYTES, 65_536));
