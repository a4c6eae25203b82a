import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import type { TunnelEnded } from '../../../../src/balancer/contract.ts';
import { HALF_MS } from '../../../../src/balancer/tunnels/tunnel.ts';
import { Tunnels } from '../../../../src/balancer/tunnels/tunnels.ts';
import { until } from '../../../support/wait.ts';

/** Two ends of one TCP connection. */
const pair = async (): Promise<[outside: Socket, inside: Socket]> => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const outside = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [inside] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [outside, inside]) socket.on('error', () => {});
  return [outside, inside];
};

const received = (socket: Socket): { text: string; ended: boolean } => {
  const all = { text: '', ended: false };
  socket.on('data', (chunk: Buffer) => (all.text += chunk.toString('latin1')));
  socket.on('end', () => (all.ended = true));
  return all;
};

interface Ended {
  why: TunnelEnded;
  bytesIn: number;
  bytesOut: number;
}

const setUp = async (heads: { client?: string; upstream?: string; idleMs?: number } = {}) => {
  let now = 0;
  const tunnels = new Tunnels(() => now);
  const [client, clientInside] = await pair();
  const [upstream, upstreamInside] = await pair();
  const ended: Ended[] = [];
  tunnels.join(
    { socket: clientInside, head: Buffer.from(heads.client ?? '') },
    { socket: upstreamInside, head: Buffer.from(heads.upstream ?? '') },
    {
      idleMs: heads.idleMs ?? null,
      onEnd: (why, bytesIn, bytesOut) => ended.push({ why, bytesIn, bytesOut }),
    },
  );
  const pass = (ms: number): void => {
    now += ms;
    tunnels.turn();
  };
  const over = (): Promise<Ended> => until('the end of the tunnel', () => ended[0]);
  const end = (): void => {
    for (const socket of [client, upstream]) socket.destroy();
  };
  return { tunnels, client, upstream, clientInside, upstreamInside, ended, over, pass, end };
};

test('what came behind the heads is first, each way', async () => {
  const { client, upstream, over, tunnels } = await setUp({ client: 'early ', upstream: 'hello ' });
  const atClient = received(client);
  const atUpstream = received(upstream);
  client.write('request');
  upstream.write('answer');
  await until('both', () => atClient.text === 'hello answer' && atUpstream.text === 'early request');
  client.end();
  upstream.end();
  assert.deepEqual(await over(), { why: 'closed', bytesIn: 13, bytesOut: 12 });
  assert.equal(tunnels.size, 0);
});

test('an end goes through, and the other way stays open', async () => {
  const { client, upstream, over } = await setUp();
  const atClient = received(client);
  const atUpstream = received(upstream);
  client.end('last');
  await until('the end', () => atUpstream.ended);
  assert.equal(atUpstream.text, 'last');
  upstream.write('still ');
  upstream.end('here');
  await until('the rest', () => atClient.ended);
  assert.equal(atClient.text, 'still here');
  assert.equal((await over()).why, 'closed');
});

test('the other half does not last for ever', async () => {
  const { client, upstream, over, pass } = await setUp();
  const atUpstream = received(upstream);
  const closed = once(upstream, 'close');
  client.end();
  await until('the end', () => atUpstream.ended);
  pass(HALF_MS - 1);
  upstream.write('x');
  pass(2);
  await over();
  upstream.end();
  await closed;
});

test('a connection that breaks takes the other one with it', async () => {
  for (const who of ['client', 'upstream'] as const) {
    const tunnel = await setUp();
    const other = who === 'client' ? tunnel.upstream : tunnel.client;
    received(other);
    tunnel[who].resetAndDestroy();
    assert.equal((await tunnel.over()).why, `${who}-broke`);
    tunnel.end();
  }
});

test('a tunnel without a byte ends when the limit is over', async () => {
  const { client, upstream, over, pass, ended, end } = await setUp({ idleMs: 5_000 });
  const atUpstream = received(upstream);
  pass(4_000);
  client.write('x');
  await until('it', () => atUpstream.text === 'x');
  pass(4_000);
  assert.deepEqual(ended, []);
  pass(2_000);
  assert.equal((await over()).why, 'idle');
  end();
});

test('nothing is read for who does not take it', async () => {
  const { client, upstream, upstreamInside, end, over } = await setUp();
  const chunk = Buffer.alloc(64 * 1024, 97);
  let wrote = 0;
  // Until nothing is taken any more.
  await until('back-pressure', () => {
    while (client.writableLength < chunk.length && wrote < 256 * 1024 * 1024) {
      client.write(chunk);
      wrote += chunk.length;
    }
    return client.writableLength >= chunk.length && upstreamInside.writableLength > 0;
  });
  assert.ok(upstreamInside.writableLength < 1024 * 1024, `${upstreamInside.writableLength} bytes wait`);
  let came = 0;
  upstream.on('data', (data: Buffer) => (came += data.length));
  await until('all of it', () => came === wrote);
  end();
  assert.equal((await over()).bytesIn, wrote);
});

test('bytes of a receiver are its own only until it returns', async () => {
  const tunnels = new Tunnels();
  const [client, clientInside] = await pair();
  const [upstream, upstreamInside] = await pair();
  const shared = Buffer.alloc(4);
  let receiver: ((chunk: Uint8Array) => boolean) | undefined;
  tunnels.join(
    { socket: clientInside, head: Buffer.alloc(0) },
    { socket: upstreamInside, head: Buffer.alloc(0), receive: (to) => (receiver = to) },
    { idleMs: null, onEnd: () => {} },
  );
  const atClient = received(client);
  for (const text of ['abcd', 'efgh', 'ijkl']) {
    shared.write(text);
    receiver?.(shared);
  }
  await until('it', () => atClient.text === 'abcdefghijkl');
  for (const socket of [client, upstream]) socket.destroy();
  await until('the end', () => tunnels.size === 0);
});

test('a drain ends tunnels spread over time, and both sides see an end', async () => {
  const tunnels = new Tunnels();
  const whys: TunnelEnded[] = [];
  const ends: { ended: boolean }[] = [];
  for (let at = 0; at < 6; at += 1) {
    const [client, clientInside] = await pair();
    const [upstream, upstreamInside] = await pair();
    for (const socket of [client, upstream]) {
      ends.push(received(socket));
      socket.on('end', () => socket.end());
    }
    tunnels.join(
      { socket: clientInside, head: Buffer.alloc(0) },
      { socket: upstreamInside, head: Buffer.alloc(0) },
      { idleMs: null, onEnd: (why) => whys.push(why) },
    );
  }
  tunnels.leave(20);
  await until('the first', () => whys.length > 0);
  assert.ok(tunnels.size > 0, 'not all together');
  await until('all', () => whys.length === 6);
  assert.deepEqual(new Set(whys), new Set(['drain']));
  assert.ok(ends.every(({ ended }) => ended));
});

test('at once means all of them, also those that are asked for later', async () => {
  const { tunnels, client, upstream, over, end } = await setUp();
  for (const socket of [client, upstream]) {
    received(socket);
    socket.on('end', () => socket.end());
  }
  tunnels.leaveAtOnce();
  assert.equal((await over()).why, 'drain');
  end();
  tunnels.leave(1_000);
  const [late, lateInside] = await pair();
  const [other, otherInside] = await pair();
  for (const socket of [late, other]) {
    received(socket);
    socket.on('end', () => socket.end());
  }
  tunnels.join(
    { socket: lateInside, head: Buffer.alloc(0) },
    { socket: otherInside, head: Buffer.alloc(0) },
    { idleMs: null, onEnd: () => {} },
  );
  await until('its end', () => tunnels.size === 0);
});
