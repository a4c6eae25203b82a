import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresIn } from '../../../scripts/tap-failures.ts';

const tap = `TAP version 13
# Subtest: outer
    # Subtest: inner
    not ok 1 - inner
      ---
      duration_ms: 1.2
      type: 'test'
      location: '/t.test.ts:3:27'
      failureType: 'testCodeFailure'
      error: |-
        one is not two

        1 !== 2
      code: 'ERR_ASSERTION'
      ...
    ok 2 - fine
      ---
      duration_ms: 0.4
      type: 'test'
      ...
    1..2
not ok 1 - outer
  ---
  duration_ms: 53.7
  type: 'suite'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
not ok 2 - late
  ---
  duration_ms: 50.6
  type: 'test'
  location: '/u.test.ts:9:1'
  failureType: 'testTimeoutFailure'
  error: 'test timed out after 50ms'
  ...
1..2
`;

test('each failure once, with its place and what it said', () => {
  assert.deepEqual(failuresIn(tap), [
    [
      'inner',
      '    duration_ms: 1.2',
      "    location: '/t.test.ts:3:27'",
      '    error: |-',
      '      one is not two',
      '    ',
      '      1 !== 2',
    ].join('\n'),
    [
      'late',
      '    duration_ms: 50.6',
      "    location: '/u.test.ts:9:1'",
      "    error: 'test timed out after 50ms'",
    ].join('\n'),
  ]);
});

test('a run without failures, or cut off in one', () => {
  assert.deepEqual(failuresIn('TAP version 13\nok 1 - a\n1..1\n'), []);
  assert.deepEqual(failuresIn("not ok 1 - a\n  ---\n  error: 'x'"), ["a\n    error: 'x'"]);
});
