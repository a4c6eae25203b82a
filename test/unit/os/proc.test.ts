import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processExists, processStat } from '../../../src/os/proc.ts';

test('a process that runs exists, one that never was does not', () => {
  assert.equal(processExists(process.pid), true);
  // Above the largest pid_max of Linux (2^22).
  assert.equal(processExists(2 ** 22 + 1), false);
});

test('a process that has ended does not exist, even when its parent never asks how', async (t) => {
  // The shell starts a child and becomes cat, which does not know of it: the child stays a zombie.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill());
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const child = Number(line);
  // What cat echoes shows that the shell is gone.
  parent.stdin.write('\n');
  await once(parent.stdout, 'data');
  // Only now: a shell would have asked how its child ended.
  process.kill(child);
  while (processExists(child)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.doesNotThrow(() => process.kill(child, 0), 'the zombie was reaped: this test proves nothing');
});

test('processStat reads its own process', () => {
  const stat = processStat(process.pid);
  assert.equal(stat?.ppid, process.ppid);
  assert.ok(stat.rssBytes > 1024 * 1024);
});
