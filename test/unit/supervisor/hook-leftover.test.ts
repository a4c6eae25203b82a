import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processExists } from '../../../src/os/proc.ts';
import { endLeftover } from '../../../src/supervisor/hook-leftover.ts';

/** As a hook runs: a shell that leads a process group. It has said its first line. */
const begun = async (command: string, env: Readonly<Record<string, string>>): Promise<ChildProcess> => {
  const child = spawn('/bin/sh', ['-c', `echo begun; ${command}`], {
    env: { PATH: process.env['PATH'], SKEIN_APP: 'api', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return child;
};
const hook = { SKEIN_HOOK: 'before' };

test('what is left of a hook ends, also when it ignores SIGTERM', async () => {
  const polite = await begun('while :; do sleep 0.05; done', hook);
  const rude = await begun('trap "" TERM; while :; do sleep 0.05; done', hook);
  await Promise.all([endLeftover(polite.pid!), endLeftover(rude.pid!)]);
  assert.equal(processExists(polite.pid!), false);
  assert.equal(processExists(rude.pid!), false);
});

test('a process that has got the number of a hook since is left alone', async () => {
  const other = await begun('while :; do sleep 0.05; done', {});
  await endLeftover(other.pid!);
  assert.equal(processExists(other.pid!), true);
  process.kill(-other.pid!, 'SIGKILL');
  await once(other, 'exit');
  await endLeftover(other.pid!);
});
