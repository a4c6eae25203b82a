import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultPool } from '../../../src/config/balance-defaults.ts';
import type { Answer } from '../../support/balanced.ts';
import { setUp } from '../../support/balanced.ts';
import { answering } from '../../support/raw-upstream.ts';
import { until } from '../../support/wait.ts';

const OK = 'HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';

/** Reads the request and closes without a word. */
const closing: Answer = ({ socket }) => void socket.destroy();

test('a request whose upstream closes goes to the other; that one is told to the pool', async () => {
  const { client, end, pool, upstreams } = await setUp([closing, answering(OK)]);
  const one = await client();
  one.get();
  await one.until(/hi$/);
  const { tries, status, upstream } = await end();
  assert.deepEqual({ tries, status, upstream }, { tries: 2, status: 200, upstream: 'u1' });
  assert.deepEqual(pool.observed, ['u0 closed', 'u1 ok']);
  assert.equal(pool.retries, 1);
  assert.equal(upstreams[0]?.connections.length, 1);
});

test('a POST that was sent is not sent again', async () => {
  const { client, end, upstreams } = await setUp([closing, answering(OK)]);
  const one = await client();
  one.write(POST);
  await one.until(/^HTTP\/1\.1 502 [^]*behind\n$/);
  assert.deepEqual((await end()).termination, { who: 'S', phase: 'H' });
  assert.equal(upstreams[1]?.connections.length, 0);
});

test('a PUT is, with its body, when the pool says so; larger bodies are not kept', async () => {
  const retry = { ...defaultPool.retry, idempotent: true };
  const { client, upstreams } = await setUp(
    [closing, ({ socket, received }) => void (received.endsWith('hello') && socket.write(OK))],
    { retry },
  );
  const one = await client();
  one.write(POST.replace('POST', 'PUT'));
  await one.until(/hi$/);
  assert.match(upstreams[1]!.received, /\r\n\r\nhello$/);
  const large = await setUp(
    [({ socket, received }) => void (received.length > 100_000 && socket.destroy()), answering(OK)],
    { retry },
  );
  const two = await large.client();
  two.write(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${'a'.repeat(200_000)}`);
  await two.until(/ 502 /);
});

test('a POST that could not be sent goes to the other', async () => {
  const nobody = createServer().listen(0, '127.0.0.1');
  await until('it listens', () => nobody.listening);
  const { client, end, pool, upstreams } = await setUp([
    answering(OK),
    ({ socket, received }) => void (received.endsWith('hello') && socket.write(OK)),
  ]);
  nobody.close();
  Object.assign(pool.members[0]!, {
    address: { kind: 'unix', path: join(mkdtempSync(join(tmpdir(), 'sk-')), 'none') },
  });
  const one = await client();
  one.write(POST);
  await one.until(/hi$/);
  assert.deepEqual([(await end()).tries, pool.observed], [2, ['u0 connect', 'u1 ok']]);
  assert.equal(upstreams[0]?.connections.length, 0);
});

test('nobody there at all is 502, and nobody in the pool 503 with Retry-After', async () => {
  const { client, end, pool } = await setUp([]);
  const one = await client();
  one.get();
  await one.until(/^HTTP\/1\.1 503 Service Unavailable\r\n[^]*Retry-After: 5\r\n/);
  assert.equal((await end()).status, 503);
  assert.equal(pool.members.length, 0);
});

test('a connection that was closed while idle gets a fresh one, of the same upstream', async () => {
  let first = true;
  const { client, end, upstream } = await setUp([
    (connection, piece) => {
      if (!first && connection.received !== piece) connection.socket.destroy();
      else answering(OK)(connection, piece);
      first = false;
    },
  ]);
  const one = await client();
  one.get();
  await one.until(/hi$/);
  await end();
  one.received = '';
  one.get();
  await one.until(/hi$/);
  const { tries, reused } = await end();
  assert.deepEqual({ tries, reused }, { tries: 2, reused: false });
  assert.equal(upstream.connections.length, 2);
});

test('half a head is an answer that began: no further try', async () => {
  const { client, end } = await setUp([
    ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nA:'),
    answering(OK),
  ]);
  const one = await client();
  one.get();
  await one.until(/^HTTP\/1\.1 502 /);
  assert.equal((await end()).tries, 1);
});

test('who does not answer in time gets its client a 504, once', async () => {
  const { client, end, pool, upstreams } = await setUp([() => undefined, answering(OK)], {
    responseTimeoutMs: 50,
  });
  const one = await client();
  one.get();
  await one.until(/^HTTP\/1\.1 504 Gateway Timeout\r\n/);
  assert.deepEqual((await end()).termination, { who: 's', phase: 'H' });
  assert.deepEqual(pool.observed, ['u0 timeout']);
  await until('the upstream is left', () => upstreams[0]?.connections[0]?.closed);
});

test('an answer that stops moving breaks', async () => {
  const { client, end } = await setUp([answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi')], {
    idleTimeoutMs: 50,
  });
  const one = await client();
  one.get();
  await until('the reset', () => one.error?.code === 'ECONNRESET');
  assert.deepEqual((await end()).termination, { who: 's', phase: 'D' });
});

const leavers: readonly (readonly [phase: string, answer: Answer, request: string, came: string])[] = [
  ['H', () => undefined, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET'],
  ['R', () => undefined, POST.slice(0, -2), 'hel'],
  [
    'D',
    answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi'),
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET',
  ],
];
for (const how of ['end', 'resetAndDestroy'] as const)
  for (const [phase, answer, request, came] of leavers)
    test(`a client that leaves (${how}) in phase ${phase} takes its request with it`, async () => {
      if (phase === 'D' && how === 'end') return;
      const { client, end, upstream, pool } = await setUp([answer]);
      const one = await client();
      one.write(request);
      await upstream.untilText(came);
      if (phase === 'D') await one.until(/hi$/);
      one.socket[how]();
      const { termination, status } = await end();
      assert.deepEqual(
        { termination, status },
        { termination: { who: 'C', phase }, status: phase === 'D' ? 200 : 499 },
      );
      await until('the upstream is left', () => upstream.connections[0]?.closed);
      assert.equal(pool.members[0]?.inFlight, 0);
      assert.equal(pool.observed.includes('u0 closed'), false);
    });

test('a client that leaves the queue is in it no more', async () => {
  const { client, end, pool } = await setUp([answering(OK)]);
  Object.assign(pool.members[0]!, { availability: 'down' });
  const one = await client();
  one.get();
  await until('it waits', () => pool.waiting.length === 1);
  one.socket.end();
  assert.deepEqual((await end()).termination, { who: 'C', phase: 'Q' });
  assert.equal(pool.waiting.length, 0);
  const two = await client();
  two.get();
  await until('it waits', () => pool.waiting.length === 1);
  Object.assign(pool.members[0]!, { availability: 'up' });
  pool.serve();
  await two.until(/hi$/);
  assert.ok((await end()).queueMs > 0);
});

test('a client that is too slow: 408 for a head and for a body', async () => {
  const { client, end, balancer, upstream } = await setUp([() => undefined]);
  const one = await client();
  one.write('GET / HT');
  await until('the bytes are there', () => [...balancer.sockets].some(({ bytesRead }) => bytesRead > 0));
  balancer.late.now('head');
  await one.until(/^HTTP\/1\.1 408 /);
  await one.untilEnd();
  assert.equal((await end()).status, 408);
  const two = await client();
  two.write(POST.slice(0, -2));
  await upstream.untilText('hel');
  balancer.late.now('body');
  await two.until(/^HTTP\/1\.1 408 /);
  assert.deepEqual((await end()).termination, { who: 'c', phase: 'R' });
});

const WS =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: a\r\n\r\n';

test('a WebSocket: a tunnel after the 101, with what came early on both sides, and its ends', async () => {
  const { client, end, upstream, pool } = await setUp([
    ({ socket, received }, piece) => {
      if (received.endsWith('\r\n\r\n')) socket.write(`${SWITCHED}welcome`);
      else socket.write(`<${piece}>`);
    },
  ]);
  const one = await client();
  one.write(`${WS}early`);
  await one.until(/welcome<early>$/);
  assert.match(
    one.received,
    /^HTTP\/1\.1 101 Switching Protocols\r\nSec-WebSocket-Accept: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n/,
  );
  assert.match(upstream.received, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
  one.write('more');
  await one.until(/<more>$/);
  assert.equal(pool.members[0]?.inFlight, 1);
  one.socket.end();
  const { status, bytesIn, bytesOut } = await end();
  assert.deepEqual({ status, bytesIn, bytesOut }, { status: 101, bytesIn: 9, bytesOut: 20 });
  assert.equal(upstream.connections[0]?.ended, true);
});

test('no 101, no tunnel: any other answer is an answer', async () => {
  const { client, upstream } = await setUp([
    answering('HTTP/1.1 403 No\r\nDate: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n'),
  ]);
  const one = await client();
  one.write(`${WS}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
  await one.untilEnd();
  assert.equal(
    one.received,
    'HTTP/1.1 403 No\r\nDate: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nno\r\n0\r\n\r\n',
  );
  assert.doesNotMatch(upstream.received, /smuggled/);
});

test('h2c is not asked for', async () => {
  const { client, upstream } = await setUp([answering(OK)]);
  const one = await client();
  one.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: a\r\n\r\n',
  );
  await one.until(/hi$/);
  assert.doesNotMatch(upstream.received, /upgrade|http2/i);
});

test('a 101 to another protocol is 502', async () => {
  const { client } = await setUp([answering(SWITCHED.replace('WebSocket', 'tea'))]);
  const one = await client();
  one.write(WS);
  await one.until(/^HTTP\/1\.1 502 /);
});
