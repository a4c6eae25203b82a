import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Listener } from '../../../../src/balancer/listeners/listener.ts';
import { Listeners } from '../../../../src/balancer/listeners/listeners.ts';
import { SnapshotRefused } from '../../../../src/balancer/refused.ts';
import type { ListenSettings } from '../../../../src/protocol/balance.ts';
import { until } from '../../../support/wait.ts';

const listen = (address: string): ListenSettings => ({ address, tls: null, proxyProtocol: false });
const terms = (settings: ListenSettings) => ({ settings, secure: null });
const directory = mkdtempSync(join(tmpdir(), 'sb-'));

const answering = () => {
  const taken: string[] = [];
  const listeners = new Listeners((socket, listener) => {
    taken.push(listener.address);
    socket.end();
  });
  return { listeners, taken };
};

const comesThrough = async (socket: Socket): Promise<void> => {
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
};

test('addresses are added, kept and closed live', async () => {
  const { listeners, taken } = answering();
  const paths = ['a', 'b', 'c'].map((name) => join(directory, `${name}.sock`));
  const [a = '', b = '', c = ''] = paths;
  (await listeners.prepare([listen(`unix:${a}`), listen(`unix:${b}`)])).commit(terms);
  const kept = listeners.open.get(`unix:${b}`);
  (await listeners.prepare([listen(`unix:${b}`), listen(`unix:${c}`)])).commit(terms);
  assert.equal(listeners.open.get(`unix:${b}`), kept);
  await comesThrough(connect(b));
  await comesThrough(connect(c));
  await assert.rejects(once(connect(a), 'connect'));
  assert.deepEqual(taken, [`unix:${b}`, `unix:${c}`]);
  listeners.close();
});

test('one that cannot be had refuses all of it, with the place, and changes nothing', async () => {
  const { listeners } = answering();
  const path = join(directory, 'd.sock');
  (await listeners.prepare([listen(`unix:${path}`)])).commit(terms);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert.ok(address !== null && typeof address === 'object');
  const added = join(directory, 'e.sock');
  await assert.rejects(
    listeners.prepare([listen(`unix:${added}`), listen(`127.0.0.1:${address.port}`)]),
    (error) => {
      assert.ok(error instanceof SnapshotRefused);
      assert.equal(error.place, 'balancer.listen[1]');
      assert.match(error.message, /another program listens there \(EADDRINUSE\)/);
      return true;
    },
  );
  await assert.rejects(once(connect(added), 'connect'), 'what was taken for it is given up');
  await comesThrough(connect(path));
  for (const [bad, message] of [
    [listen('nonsense'), /no address to listen on/],
    [listen(`unix:${path}`), /listed twice/],
    [listen(`unix:${directory}/none/x.sock`), /\((?:ENOENT|EACCES)\)/],
  ] as const)
    await assert.rejects(listeners.prepare([listen(`unix:${path}`), bad]), message);
  listeners.close();
  other.close();
});

test('clients that come before the rest of the snapshot is there wait for it', async () => {
  const { listeners, taken } = answering();
  const path = join(directory, 'f.sock');
  const { commit } = await listeners.prepare([listen(`unix:${path}`)]);
  const client = connect(path);
  await once(client, 'connect');
  assert.deepEqual(taken, []);
  commit(terms);
  await comesThrough(client);
  listeners.close();
});

test("the socket file of a process that was killed is in nobody's way", async () => {
  const { listeners } = answering();
  const path = join(directory, 'g.sock');
  const { spawnSync } = await import('node:child_process');
  spawnSync(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  (await listeners.prepare([listen(`unix:${path}`)])).commit(terms);
  await comesThrough(connect(path));
  const file = join(directory, 'h.sock');
  writeFileSync(file, 'mine');
  await assert.rejects(listeners.prepare([listen(`unix:${file}`)]));
  listeners.close();
});

test('an error of a connection that waits for terms ends nothing', async () => {
  const accepted: Socket[] = [];
  const listener = new Listener('x', (socket) => void accepted.push(socket.end()));
  const path = join(directory, 'reset.sock');
  await listener.bind({ path });
  const client = connect(path);
  await once(client, 'connect');
  const early = await until('it is accepted', () => listener.early[0]);
  early.destroy(new Error('ECONNRESET'));
  await until('it has closed', () => early.closed);
  listener.go(terms(listen(`unix:${path}`)));
  assert.deepEqual(accepted, [], 'it would be counted in, and never out');
  client.destroy();
  listener.close();
});
