import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import type { NewEvent } from '../../../src/supervisor/events.ts';
import { stopStranger } from '../../../src/supervisor/strangers.ts';

const SOCKET = '/home/skein/workers.sock';
const told: NewEvent[] = [];
const children = [{}, { SKEIN_BOOT: JSON.stringify({ id: 'x', socket: SOCKET }) }].map((env) =>
  spawn('/bin/sleep', ['60'], { env }),
);
after(() => children.forEach((child) => child.kill('SIGKILL')));

test('a worker of a dead holder is stopped; nothing else that a hello names', async () => {
  const [other, worker] = children;
  const ended = once(worker!, 'exit');
  for (const pid of [other!.pid!, -1, 0, 1, -other!.pid!, NaN, 1.5, 'all' as never])
    stopStranger(pid, SOCKET, (event) => told.push(event));
  stopStranger(worker!.pid!, SOCKET, (event) => told.push(event));
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  assert.equal(other!.exitCode ?? other!.signalCode, null);
  assert.match(told.at(-1)!.text, /it is stopped$/);
  assert.match(told[0]!.text, /left alone$/);
});
