import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createPool } from '../../../../../src/balancer/pool/create-pool.ts';
import { ask, end, fakeTools, memberOf, snapshotOf } from '../../../../support/fake-pool.ts';
import { until } from '../../../../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'sk-pulse-'));
after(() => rmSync(folder, { recursive: true }));

interface FakePulse {
  readonly path: string;
  /** Bytes that wait for an answer. */
  waiting: number;
  answers: boolean;
  readonly answer: () => void;
  readonly close: () => Promise<void>;
}

const pulse = async (name: string): Promise<FakePulse> => {
  const path = join(folder, `${name}.sock`);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', ({ length }) => {
      fake.waiting += length;
      if (fake.answers) fake.answer();
    });
  });
  const fake: FakePulse = {
    path,
    waiting: 0,
    answers: true,
    answer: () => {
      for (const socket of sockets) socket.write(new Uint8Array(fake.waiting));
      fake.waiting = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(path);
  await once(server, 'listening');
  return fake;
};

const availabilities = (pool: ReturnType<typeof createPool>): string[] =>
  pool.report().map(({ availability }) => availability);

test('a worker that does not answer gets nothing until it does; those who wait are served then', async () => {
  const [a, b] = [await pulse('a'), await pulse('b')];
  const tools = fakeTools();
  const members = [a, b].map(({ path }, slot) => memberOf(`${slot}`, { slot, pulse: path }));
  const pool = createPool(snapshotOf(members, { maxInFlight: 2 }), undefined, tools);
  a.answers = false;
  const first = [ask(pool), ask(pool)];
  for (let time = 0; time < 3; time += 1) tools.tick();
  await until('the byte to come to both', () => a.waiting === 1 && pool.report()[1]);
  for (let time = 0; time < 3; time += 1) {
    first[1]!.upstream!.heard += 1;
    tools.tick();
  }
  assert.deepEqual(availabilities(pool), ['blocked', 'up']);
  const second = ask(pool);
  assert.equal(second.upstream?.id, '1');
  const waits = ask(pool);
  assert.equal(waits.upstream, undefined);
  a.answer();
  await until('the answer', () => waits.upstream);
  assert.equal(pool.report()[0]?.inFlight, 2);
  assert.deepEqual(availabilities(pool), ['up', 'up']);
  for (const request of [...first, second, waits]) end(pool, request);
  pool.close();
  await Promise.all([a.close(), b.close()]);
});

test('all are blocked: then all are as good as each other; a response says as much as a pulse', async () => {
  const a = await pulse('c');
  a.answers = false;
  const tools = fakeTools();
  const pool = createPool(snapshotOf([memberOf('0', { slot: 0, pulse: a.path })]), undefined, tools);
  const first = ask(pool);
  for (let time = 0; time < 5; time += 1) tools.tick();
  assert.deepEqual(availabilities(pool), ['blocked']);
  const second = ask(pool);
  assert.equal(second.upstream?.id, '0', 'better than nobody');
  end(pool, second);
  tools.tick();
  assert.deepEqual(availabilities(pool), ['blocked'], 'a client that leaves says nothing about it');
  first.upstream!.heard += 1;
  tools.tick();
  assert.deepEqual(availabilities(pool), ['up']);
  end(pool, first);
  pool.close();
  await a.close();
});

test('a slow worker whose event loop turns is not blocked; nobody asks once nothing is in flight', async () => {
  const a = await pulse('d');
  const tools = fakeTools();
  const pool = createPool(snapshotOf([memberOf('0', { slot: 0, pulse: a.path })]), undefined, tools);
  const request = ask(pool);
  for (let asked = 0; asked < 3; asked += 1) {
    const before = request.upstream!.heard;
    for (let time = 0; time < 3; time += 1) tools.tick();
    await until('an answer', () => request.upstream!.heard > before);
    assert.deepEqual(availabilities(pool), ['up']);
  }
  const heard = request.upstream!.heard;
  for (let time = 0; time < 60; time += 1) {
    request.upstream!.heard += 1;
    tools.tick();
  }
  const quiet = request.upstream!.heard;
  for (let time = 0; time < 60; time += 1) tools.tick();
  assert.equal(request.upstream!.heard, quiet, 'no request for half a second: an open tunnel costs nothing');
  assert.ok(quiet > heard);
  end(pool, request);
  pool.close();
  await a.close();
});

test('nobody is there who could answer a pulse: that is no reason to call it blocked', async () => {
  const tools = fakeTools();
  const nowhere = join(folder, 'nowhere.sock');
  const pool = createPool(snapshotOf([memberOf('0', { slot: 0, pulse: nowhere })]), undefined, tools);
  const request = ask(pool);
  for (let time = 0; time < 3; time += 1) tools.tick();
  await new Promise((resolve) => setImmediate(resolve));
  for (let time = 0; time < 20; time += 1) {
    tools.tick();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(availabilities(pool), ['up']);
  end(pool, request);
  pool.close();
});
