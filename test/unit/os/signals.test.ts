import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOfSignal, parseSignal } from '../../../src/os/signals.ts';

const readings: readonly (readonly [string, string | undefined])[] = [
  ['SIGUSR2', 'SIGUSR2'],
  ['usr2', 'SIGUSR2'],
  [' hup ', 'SIGHUP'],
  ['1', 'SIGHUP'],
  ['SIGNOPE', undefined],
  ['0', undefined],
  ['999', undefined],
  ['', undefined],
];

for (const [text, signal] of readings) {
  test(`signal ${JSON.stringify(text)} is ${signal}`, () => {
    assert.equal(parseSignal(text), signal);
  });
}

test('a death by signal has the exit code of a shell', () => {
  assert.equal(exitCodeOfSignal('SIGTERM'), 143);
});
