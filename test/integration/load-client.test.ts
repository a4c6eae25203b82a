/**
 * The load client is the judge of every no-request-lost test, so it is tried first: against a
 * server without fault it finds none, and each kind of fault it finds by its name.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { runLoad } from '../support/load/generator.ts';
import { startLoad } from '../support/load/load.ts';
import { loadProfile, lost } from '../support/load/profile.ts';
import type { ClientKind, LoadProfile, Outcome, Tally } from '../support/load/profile.ts';
import { largeBody } from '../support/load/requests.ts';

const listen = async (t: TestContext, server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
};

const good = (): Server =>
  createHttpServer((request, response) => {
    response.setHeader('x-worker', 'w1');
    if (request.url === '/large') response.end(largeBody);
    else if (request.method === 'POST') request.pipe(response);
    else response.end('hello\n');
  });

/** A server that does `act` with the socket once a request head has come. */
const faulty = (act: (socket: Socket) => void): Server =>
  createServer((socket) => {
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      head = '';
      act(socket);
    });
  });

const runFor = async (ms: number, profile: Partial<LoadProfile>): Promise<Tally> => {
  const load = runLoad(loadProfile({ rate: 200, postShare: 0, timeoutMs: 400, ...profile }));
  await new Promise((resolve) => setTimeout(resolve, ms));
  return load.stop();
};

const onlyOutcome = (tally: Tally, outcome: Outcome): void => {
  assert.ok(tally.sent > 0);
  assert.equal(
    tally.outcomes[outcome],
    tally.sent,
    JSON.stringify({ ...tally, losses: tally.losses.slice(0, 3) }, null, 2),
  );
};

test('a server without fault: every request of every kind is ok', async (t) => {
  const port = await listen(t, good());
  const load = await startLoad({ port, rate: 500, seed: 7 });
  await load.answered(600);
  const tally = await load.stop();
  onlyOutcome(tally, 'ok');
  assert.equal(lost(tally), 0);
  assert.deepEqual(Object.keys(tally.kinds).toSorted(), [
    'keep-alive',
    'one-shot',
    'pipelined',
    'slow-read',
    'slow-write',
  ]);
  assert.equal(
    Object.values(tally.kinds).reduce((sum, count) => sum + count, 0),
    tally.sent,
  );
  assert.equal(tally.workers['w1'], tally.sent);
  assert.ok(tally.connections < tally.sent, 'connections are used again');
});

test('HTTP/2 streams are ok, also when a session gets GOAWAY', async (t) => {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200 });
    if (headers[':method'] === 'POST') stream.pipe(stream);
    else stream.end('hello\n');
  });
  server.on('session', (session) => {
    const timer = setTimeout(() => session.close(), 200);
    session.on('close', () => clearTimeout(timer));
  });
  const port = await listen(t, server);
  const tally = await runFor(1_000, { port, mix: { http2: 1 }, postShare: 0.5 });
  onlyOutcome(tally, 'ok');
  assert.ok(tally.connections > 4, 'sessions were replaced');
});

test('nobody listens: refused', async (t) => {
  const port = await listen(t, createServer());
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gone = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  assert.notEqual(port, gone);
  onlyOutcome(await runFor(200, { port: gone }), 'refused');
});

test('no such unix socket: refused', async () => {
  onlyOutcome(await runFor(100, { path: '/nonexistent/skein.sock' }), 'refused');
});

test('RST instead of a response: reset', async (t) => {
  const port = await listen(
    t,
    faulty((socket) => socket.resetAndDestroy()),
  );
  onlyOutcome(await runFor(200, { port }), 'reset');
});

test('FIN instead of a response: reset', async (t) => {
  const port = await listen(
    t,
    faulty((socket) => socket.destroy()),
  );
  onlyOutcome(await runFor(200, { port }), 'reset');
});

test('a connection that is closed without notice after a response: its next request is reset', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n';
  const port = await listen(
    t,
    createServer((socket) => {
      let answered = false;
      socket.on('data', () => {
        if (answered) return socket.destroy();
        answered = true;
        return socket.write(answer);
      });
    }),
  );
  const tally = await runFor(400, { port, mix: { 'keep-alive': 1 }, thinkMs: 20 });
  assert.ok(tally.outcomes.reset > 0);
  assert.equal(tally.outcomes.ok + tally.outcomes.reset, tally.sent);
  assert.deepEqual([...new Set(tally.losses.map((loss) => loss.nth))], [1]);
});

test('pipelined requests behind a response that says close: reset', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nhello\n';
  const port = await listen(
    t,
    faulty((socket) => socket.end(answer)),
  );
  const tally = await runFor(200, { port, mix: { pipelined: 1 } });
  assert.ok(tally.outcomes.ok > 0);
  assert.ok(tally.outcomes.reset >= tally.outcomes.ok);
  assert.equal(tally.outcomes.ok + tally.outcomes.reset, tally.sent);
});

test('Connection: close on a response is obeyed', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nhello\n';
  const port = await listen(
    t,
    faulty((socket) => void socket.write(answer)),
  );
  const tally = await runFor(200, { port, mix: { 'keep-alive': 1 } });
  onlyOutcome(tally, 'ok');
  assert.equal(tally.connections, tally.sent);
});

test('a body shorter than its Content-Length: truncated', async (t) => {
  const port = await listen(
    t,
    faulty((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhel')),
  );
  onlyOutcome(
    await runFor(200, { port, mix: { 'one-shot': 1, 'keep-alive': 1, 'slow-read': 1 } }),
    'truncated',
  );
});

test('a chunked body without its last chunk: truncated', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const port = await listen(
    t,
    faulty((socket) => socket.end(`${head}6\r\nhello\n\r\n`)),
  );
  onlyOutcome(await runFor(200, { port, mix: { 'one-shot': 1 } }), 'truncated');
});

test('half a response head: truncated', async (t) => {
  const port = await listen(
    t,
    faulty((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')),
  );
  onlyOutcome(await runFor(200, { port, mix: { 'one-shot': 1 } }), 'truncated');
});

test('silence: timeout', async (t) => {
  const port = await listen(
    t,
    faulty(() => {}),
  );
  onlyOutcome(await runFor(200, { port }), 'timeout');
});

test('status 503: server-error', async (t) => {
  const answer = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  const port = await listen(
    t,
    faulty((socket) => socket.end(answer)),
  );
  onlyOutcome(
    await runFor(200, { port, timeoutMs: 3_000, mix: { 'one-shot': 1, 'slow-write': 1 } }),
    'server-error',
  );
});

test('another body, another status, not HTTP: wrong', async (t) => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhullo\n',
    'HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n',
    'SSH-2.0-OpenSSH\r\n\r\n',
  ];
  for (const answer of answers) {
    const port = await listen(
      t,
      faulty((socket) => socket.end(answer)),
    );
    onlyOutcome(await runFor(100, { port, mix: { 'one-shot': 1 } }), 'wrong');
  }
});

test('an echo with one bit changed: wrong', async (t) => {
  const port = await listen(
    t,
    createHttpServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        chunk[0] = (chunk[0] ?? 0) ^ 1;
        response.write(chunk);
      });
      request.on('end', () => response.end());
    }),
  );
  onlyOutcome(
    await runFor(200, {
      port,
      postShare: 1,
      timeoutMs: 3_000,
      mix: { 'keep-alive': 1, pipelined: 1, 'slow-write': 1 },
    }),
    'wrong',
  );
});

test('an HTTP/2 server that destroys its sessions: not ok', async (t) => {
  const server = createHttp2Server();
  server.on('stream', (stream) => stream.session?.destroy());
  const port = await listen(t, server);
  const tally = await runFor(200, { port, mix: { http2: 1 } });
  assert.equal(tally.outcomes.ok, 0);
  assert.equal(lost(tally), tally.sent);
});

test('open loop: a stall of the server shows in the latency, and arrivals go on', async (t) => {
  const server = good();
  const port = await listen(t, server);
  let stalled = false;
  server.prependListener('request', () => {
    if (stalled) return;
    stalled = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  });
  const load = await startLoad({
    port,
    rate: 300,
    mix: { 'keep-alive': 1 } satisfies Partial<Record<ClientKind, number>>,
  });
  await load.answered(200);
  const tally = await load.stop();
  onlyOutcome(tally, 'ok');
  assert.ok(tally.latency.max >= 450, `max ${tally.latency.max}`);
  assert.ok(tally.latency.p99 >= 300, `p99 ${tally.latency.p99}`);
});
