import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  readCount,
  readCountLimit,
  readDuration,
  readDurationLimit,
  readDurationOrZero,
  readExitCodes,
  readOneOf,
  readReady,
  readSignal,
  readSizeLimit,
  readVariables,
} from '../../../src/config/values.ts';
import { splitWords } from '../../../src/config/words.ts';
import { SkeinError } from '../../../src/core/errors.ts';

const refused = (read: () => unknown, message: RegExp): void => {
  assert.throws(
    read,
    (error) => error instanceof SkeinError && error.exitCode === 2 && message.test(error.message),
  );
};

test('good values', () => {
  assert.equal(readDuration('--t', '10s'), 10_000);
  assert.equal(readDurationOrZero('--t', '0'), 0);
  assert.equal(readDurationLimit('--t', 'none'), null);
  assert.equal(readSizeLimit('--m', '300M'), 300 * 1024 * 1024);
  assert.equal(readSizeLimit('--m', 'off'), null);
  assert.equal(readCount('--n', '15', 0), 15);
  assert.equal(readCountLimit('--n', 'none'), null);
  assert.deepEqual(readExitCodes('--c', '0, 3'), [0, 3]);
  assert.equal(readOneOf('--a', 'b', ['a', 'b']), 'b');
  assert.equal(readSignal('int'), 'SIGINT');
  assert.deepEqual(readReady('--r', '/health'), { kind: 'http', path: '/health' });
  assert.deepEqual(readReady('--r', 'message'), { kind: 'message' });
  assert.deepEqual(readReady('--r', 'auto'), { kind: 'auto', afterMs: 3000 });
  assert.deepEqual(readVariables('--env', ['A=1', 'B=', 'C=x=y']), { A: '1', B: '', C: 'x=y' });
});

test('bad values name the option, the value and what was expected', () => {
  refused(() => readDuration('--ready-timeout', '0'), /^--ready-timeout: 0 is not a duration/);
  refused(() => readDuration('--ready-timeout', '-1s'), /-1s/);
  refused(() => readSizeLimit('--max-memory', 'lots'), /^--max-memory: lots is not a size/);
  refused(() => readCount('--lines', '-3', 0), /whole number from 0/);
  refused(() => readCount('--parallel', '0', 1), /whole number from 1/);
  refused(() => readExitCodes('--stop-exit-codes', '0,256'), /exit codes from 0 to 255/);
  refused(() => readExitCodes('--stop-exit-codes', ''), /\(empty\)/);
  refused(() => readOneOf('--accept', 'both', ['per-worker', 'shared']), /one of per-worker, shared/);
  refused(() => readSignal('SIGFOO'), /SIGFOO is not a signal/);
  refused(() => readReady('--ready', 'healthy'), /listening, message, started/);
  refused(() => readVariables('--env', ['PORT']), /PORT is not KEY=VALUE/);
  refused(() => readVariables('--env', ['=1']), /KEY=VALUE/);
});

const lines: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  --a   --b=1 ', ['--a', '--b=1']],
  ['--title "two words"', ['--title', 'two words']],
  ["--x='a b'c", ['--x=a bc']],
  ['a\\ b', ['a b']],
  ['"say \\"hi\\""', ['say "hi"']],
  ['""', ['']],
];

for (const [line, words] of lines) {
  test(`words of ${JSON.stringify(line)}`, () => {
    assert.deepEqual(splitWords(line), words);
  });
}

test('words without quotes and spaces are kept as they are', () => {
  const word = fc.stringMatching(/^[^\s"'\\]+$/);
  fc.assert(fc.property(fc.array(word), (words) => assert.deepEqual(splitWords(words.join(' ')), words)));
});
