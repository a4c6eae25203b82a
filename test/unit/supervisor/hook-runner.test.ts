import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { processExists } from '../../../src/os/proc.ts';
import type { Hook, HookOutcome } from '../../../src/supervisor/hook-runner.ts';
import { runHook } from '../../../src/supervisor/hook-runner.ts';
import { until } from '../../support/wait.ts';

const dir = mkdtempSync(join(tmpdir(), 'hook-'));
after(() => rmSync(dir, { recursive: true }));

const run = (command: string, changes: Partial<Hook> = {}): Promise<HookOutcome> =>
  runHook({ command, cwd: dir, env: { PATH: '/usr/bin:/bin' }, timeoutMs: 10_000, runAs: null, ...changes });

const pidIn = (name: string): Promise<number> =>
  until('the pid', () => {
    try {
      return Number(readFileSync(join(dir, name), 'utf8'));
    } catch {
      return null;
    }
  });

describe('a hook', () => {
  test('runs in a shell, in the directory and with the environment it is given', async () => {
    assert.deepEqual(await run('test "$GREETING" = hi && echo "$PWD" > where', { env: { GREETING: 'hi' } }), {
      ok: true,
    });
    assert.equal(readFileSync(join(dir, 'where'), 'utf8').trim(), dir);
  });

  test('that fails says how, and what it printed last', async () => {
    assert.deepEqual(await run('echo one; echo two >&2; exit 3'), {
      ok: false,
      how: 'exit code 3',
      output: 'one\ntwo',
    });
    const killed = await run('kill -9 $$');
    assert.equal(!killed.ok && killed.how, 'signal SIGKILL');
  });

  test('may print without end: only whole last lines are kept', async () => {
    const result = await run('i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; exit 1');
    assert.ok(!result.ok);
    assert.ok(result.output.length <= 4096 && result.output.length > 3000, String(result.output.length));
    assert.match(result.output, /^line \d+\n/);
    assert.match(result.output, /\nline 19999$/);
  });

  test('that hangs ends at its timeout, with everything that it started', async () => {
    const result = await run('sleep 60 & echo $! > child; echo waiting; wait', { timeoutMs: 300 });
    assert.deepEqual(result, { ok: false, how: 'no end within 300 ms', output: 'waiting' });
    const child = await pidIn('child');
    await until('its child has ended', () => !processExists(child));
  });

  test('that ignores SIGTERM is killed', async () => {
    const result = await run('trap "" TERM; while :; do sleep 0.1; done', { timeoutMs: 100 });
    assert.equal(!result.ok && result.how, 'no end within 100 ms');
  });

  test('can be cancelled, before and while it runs', async () => {
    const control = new AbortController();
    const running = run('echo $$ > cancelled; sleep 60', { signal: control.signal });
    const pid = await pidIn('cancelled');
    control.abort();
    assert.deepEqual(await running, { ok: false, how: 'being cancelled', output: '' });
    assert.equal(processExists(pid), false);
    assert.deepEqual(await run('true', { signal: control.signal }), {
      ok: false,
      how: 'being cancelled',
      output: '',
    });
  });

  test('may leave something running in the background', async () => {
    assert.deepEqual(await run('sleep 60 & echo $! > background'), { ok: true });
    const left = await pidIn('background');
    assert.equal(processExists(left), true);
    process.kill(left, 'SIGKILL');
  });

  test('in a directory that is not there is an outcome, not an exception', async () => {
    const result = await run('true', { cwd: join(dir, 'no-such') });
    assert.match(result.ok ? '' : result.how, /ENOENT/);
    const long = await run(`: ${'x'.repeat(3_000_000)}`);
    assert.match(long.ok ? '' : long.how, /E2BIG/);
  });
});
