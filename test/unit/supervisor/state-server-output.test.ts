import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createStateServerOutput } from '../../../src/supervisor/state-server-output.ts';

/** Runs a script whose output is read from the raw pipes, as the holder hands them over. */
const outputOf = async (script: string): Promise<{ logged: unknown[][]; error: string | null }> => {
  const logged: unknown[][] = [];
  const output = createStateServerOutput((...entry) => void logged.push(entry));
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const [stream, socket] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    const inside = socket as unknown as Socket & { _handle: { readStop(): void; reading: boolean } | null };
    const handle = inside._handle!;
    handle.readStop();
    handle.reading = false;
    inside._handle = null;
    output.read(stream, handle);
  }
  await output.ended();
  return { logged, error: output.lastError() };
};

test('each line is logged, the last error is kept', async () => {
  const { logged, error } = await outputOf(
    `echo one; printf 'two\\n\\nthr'; printf ee; echo 'RangeError: too much' >&2; echo '    at x' >&2`,
  );
  const lines = logged.map(([level, message]) => `${String(level)} ${String(message)}`);
  assert.deepEqual(lines.toSorted(), [
    'error     at x',
    'error RangeError: too much',
    'info one',
    'info three',
    'info two',
  ]);
  assert.equal(error, 'RangeError: too much');
});

test('what goes wrong inside V8 is an error too, and an endless line has an end', async () => {
  const { logged, error } = await outputOf(
    `echo 'FATAL ERROR: Reached heap limit' >&2; head -c 100000 /dev/zero | tr '\\0' x`,
  );
  assert.equal(error, 'FATAL ERROR: Reached heap limit');
  assert.ok(logged.every(([, message]) => String(message).length <= 8192));
});
