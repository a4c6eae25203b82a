import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AcceptMode } from '../../../src/protocol/app-spec.ts';
import type { BindRequest, WorkerTag } from '../../../src/protocol/holder.ts';
import { HOLDER_CMD } from '../../../src/protocol/holder.ts';
import { boundPort } from '../../../src/holder/handles.ts';
import { Listeners } from '../../../src/holder/listeners.ts';

const tag = (app: string, slot = 0, accept: AcceptMode = 'per-worker'): WorkerTag => ({
  id: `${app}${slot}`,
  app,
  slot,
  generation: 1,
  accept,
  alone: false,
});
const request = (port: number, changes: Partial<BindRequest> = {}): BindRequest => ({
  cmd: HOLDER_CMD,
  verb: 'bind',
  seq: 1,
  key: `k${port}`,
  address: '127.0.0.1',
  port,
  addressType: 4,
  fd: -1,
  flags: 0,
  data: null,
  ...changes,
});

for (const accept of ['per-worker', 'shared'] as const)
  test(`listen(0) gives all workers the same port (${accept})`, () => {
    const listeners = new Listeners();
    const ports = [0, 1, 2].map((slot) => {
      const bound = listeners.bind(tag('a', slot, accept), request(0));
      assert.ok(bound.ok);
      return boundPort(bound.handle);
    });
    assert.equal(new Set(ports).size, 1);
    assert.deepEqual(listeners.list()[0]?.slots, accept === 'shared' ? [0] : [0, 1, 2]);
    listeners.unbind('a', null);
    assert.deepEqual(listeners.list(), []);
  });

test('an address of another app is taken, and it is said whose', () => {
  const listeners = new Listeners();
  const first = listeners.bind(tag('a'), request(0));
  assert.ok(first.ok);
  const port = boundPort(first.handle);
  const second = listeners.bind(tag('b'), request(port));
  assert.ok(!second.ok);
  assert.equal(second.heldBy, 'a');
  listeners.unbind('a', null);
  assert.ok(listeners.bind(tag('b'), request(port)).ok, 'free again');
  listeners.unbind('b', null);
});

test('an address of another program is taken, and no app of ours is blamed', async () => {
  const server = createServer().listen(0, '127.0.0.2');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const listeners = new Listeners();
  assert.ok(listeners.bind(tag('a'), request(port)).ok);
  const other = listeners.bind(tag('b'), request(port, { address: '127.0.0.2' }));
  assert.ok(!other.ok);
  assert.equal(other.heldBy, null);
  server.close();
  listeners.unbind('a', null);
});

test('unix paths and UDP have one socket for all', () => {
  const listeners = new Listeners();
  const path = join(tmpdir(), `skein-${process.pid}.sock`);
  for (const slot of [0, 1]) {
    assert.ok(listeners.bind(tag('a', slot), request(-1, { key: 'p', address: path, addressType: -1 })).ok);
    assert.ok(listeners.bind(tag('a', slot), request(0, { key: 'u', addressType: 'udp4' })).ok);
  }
  assert.deepEqual(
    listeners.list().map(({ type, slots }) => [type, slots]),
    [
      ['pipe', [0]],
      ['udp', [0]],
    ],
  );
  listeners.unbind('a', 'p');
  assert.deepEqual(
    listeners.list().map(({ key }) => key),
    ['u'],
  );
  listeners.unbind('a', null);
});

test('a descriptor that the holder was not given is refused', () => {
  const bound = new Listeners().bind(tag('a'), request(0, { fd: 2 }));
  assert.equal(bound.ok, false);
});
