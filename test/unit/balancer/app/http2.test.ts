import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { SnapshotParts } from '../../../support/live-balancer.ts';
import { startLive, tls } from '../../../support/live-balancer.ts';
import { until } from '../../../support/wait.ts';

const http2: typeof import('node:http2') = process.getBuiltinModule('node:http2');

interface Came {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
  readonly informed: readonly number[];
  readonly code: number;
}

const ask = async (
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders,
  body?: Buffer | string,
): Promise<Came> => {
  const stream = session.request(fields, { endStream: body === undefined });
  let headers: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
  let trailers: IncomingHttpHeaders = {};
  const informed: number[] = [];
  const chunks: Buffer[] = [];
  stream.on('headers', (came) => informed.push(Number(came[':status'])));
  stream.on('response', (came) => (headers = came));
  stream.on('trailers', (came) => (trailers = came));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  if (body !== undefined) stream.end(body);
  await once(stream, 'close').catch(() => {});
  return {
    status: headers[':status'] ?? 0,
    headers,
    trailers,
    informed,
    body: Buffer.concat(chunks).toString('latin1'),
    code: stream.rstCode ?? 0,
  };
};

const setUp = async (context: TestContext, answer: RequestListener, parts: SnapshotParts = {}) => {
  const sessions: ClientHttp2Session[] = [];
  // Before the balancer ends, which would wait for it.
  context.after(() => sessions[0]?.destroy());
  const live = await startLive(context, answer, {
    listen: [{ address: '127.0.0.1:0', tls: tls('a') }],
    ...parts,
  });
  const session = http2.connect(`https://127.0.0.1:${live.port()}`, { rejectUnauthorized: false });
  sessions.push(session);
  session.on('error', () => {});
  await once(session, 'connect');
  return { live, session };
};

const echo: RequestListener = (request, response) => {
  response.writeHead(200, { 'x-how': `${request.method} ${request.url} ${request.headers.host}` });
  request.pipe(response);
};

test('requests, in parallel over one connection', async (context) => {
  const { session } = await setUp(context, (request, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.end(
      `${request.url} ${request.headers.host} ${request.headers.cookie} ${String(request.headers['x-forwarded-proto'])}`,
    );
  });
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, at) =>
      ask(session, { ':path': `/${at}`, ':authority': 'a.test', cookie: ['x=1', 'y=2'] }),
    ),
  );
  for (const [at, came] of all.entries()) {
    assert.equal(came.status, 200);
    assert.equal(came.body, `/${at} a.test x=1; y=2 https`);
    assert.deepEqual(came.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(came.headers.connection, undefined);
    assert.equal(came.code, 0);
  }
});

test('bodies both ways, with a length and without', async (context) => {
  const { session } = await setUp(context, echo);
  const body = Buffer.alloc(1_000_000, 'abcdefghij');
  for (const fields of [{}, { 'content-length': body.length }]) {
    const came = await ask(session, { ':method': 'POST', ':path': '/up', ...fields }, body);
    assert.equal(came.status, 200);
    assert.equal(came.body, body.toString());
  }
  assert.equal((await ask(session, { ':method': 'POST', ':path': '/' }, '')).body, '');
});

test('1xx, trailers, HEAD, 204', async (context) => {
  const { session } = await setUp(context, (request, response) => {
    if (request.url === '/none') return response.writeHead(204).end();
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    if (request.method === 'HEAD') return response.writeHead(200, { 'content-length': 3 }).end();
    response.writeHead(200, { trailer: 'x-sum' });
    response.addTrailers({ 'x-sum': '6' });
    response.end('abc');
  });
  const came = await ask(session, { ':path': '/', te: 'trailers' });
  assert.deepEqual(came.informed, [103]);
  assert.equal(came.body, 'abc');
  assert.equal(came.trailers['x-sum'], '6');
  const head = await ask(session, { ':path': '/', ':method': 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], '3');
  assert.equal(head.body, '');
  assert.equal((await ask(session, { ':path': '/none' })).status, 204);
});

test('a body that breaks at the upstream is a reset, and never looks complete', async (context) => {
  const { session } = await setUp(context, (_, response) => {
    response.writeHead(200);
    response.write('half', () => response.destroy());
  });
  const came = await ask(session, { ':path': '/' });
  assert.equal(came.status, 200);
  assert.notEqual(came.code, 0);
  session.ping(() => {});
});

test('an answer before the end of the request ends the request', async (context) => {
  const { session } = await setUp(context, (_, response) => response.writeHead(200).end('enough'), {
    limits: { bodyBytes: 1_000 },
  });
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  stream.on('error', () => {});
  const chunk = Buffer.alloc(10_000);
  stream.write(chunk);
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
  assert.equal(headers[':status'], 413);
  stream.resume();
  await once(stream, 'close');
  assert.equal(stream.rstCode, 0);
  assert.equal((await ask(session, { ':path': '/' })).body, 'enough');
});

test('a client that takes nothing stops the upstream, and nothing piles up', async (context) => {
  let sent = 0;
  let ended = false;
  const { session } = await setUp(context, (_, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    response.on('close', () => (ended = true));
    const go = (): void => {
      while (!ended && sent < 512 * 1024 * 1024) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', go);
      }
    };
    go();
  });
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => {});
  await once(stream, 'response');
  let before = -1;
  await until('it to stop', async () => {
    const same = sent === before;
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return same;
  });
  assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were let out`);
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await until('the end at the upstream', () => ended);
});

test('requests that are none are refused, each with its stream', async (context) => {
  const { session } = await setUp(context, echo);
  const answers: number[] = [];
  for (const fields of [
    { ':path': '/', ':authority': 'a.test', host: 'b.test' },
    { ':path': '/', ':authority': 'a,b.test' },
    { ':path': '/a#b' },
    { ':path': '/', expect: 'miracles' },
    { ':path': '/', content_length: '3' },
  ])
    answers.push((await ask(session, fields)).status);
  assert.deepEqual(answers, [400, 400, 400, 417, 400]);
  const tunnel = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
  const [refused] = (await once(tunnel, 'response')) as [{ ':status': number }];
  assert.equal(refused[':status'], 405);
  tunnel.resume();
  assert.equal((await ask(session, { ':path': '/' })).status, 200);
  assert.equal(session.remoteSettings.enableConnectProtocol, false);
});

test('a client that begins requests and takes them back loses its connection', async (context) => {
  const { live, session } = await setUp(context, () => {});
  assert.equal(live.balancer.connections, 1);
  for (let at = 0; at < 1_000 && live.balancer.connections > 0 && !session.destroyed; at += 1) {
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => {});
    // Or it is never sent.
    if (at % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 1));
    setImmediate(() => stream.close(http2.constants.NGHTTP2_CANCEL));
  }
  await until('the end of the connection', () => live.balancer.connections === 0);
});

test('a drain loses no stream: what is open is answered, and then the session ends', async (context) => {
  const waiting: (() => void)[] = [];
  const { live, session } = await setUp(context, (_, response) => {
    waiting.push(() => response.end('late'));
  });
  const open = ask(session, { ':path': '/' });
  await until('it', () => waiting.length === 1);
  const goaways: number[] = [];
  session.on('goaway', (_code, id) => goaways.push(id));
  // Begun before the client can have read the GOAWAY.
  const crossing = ask(session, { ':path': '/' });
  await new Promise((resolve) => setImmediate(resolve));
  live.balancer.drain();
  await until('both', () => waiting.length === 2);
  for (const answer of waiting) answer();
  assert.equal((await open).body, 'late');
  assert.equal((await crossing).body, 'late');
  await until('the end of the session', () => session.closed);
  assert.equal(goaways[0], 2 ** 31 - 1);
});

test('fields and statuses that HTTP/2 cannot have do not end the balancer', async (context) => {
  const { session } = await setUp(context, ({ url }, response) => {
    if (url === '/single') response.setHeader('user-agent', ['a', 'b']).setHeader('tk', ['N', 'N']);
    if (url === '/specific') response.setHeader('te', 'gzip').setHeader('http2-settings', 'AAMAAABk');
    if (url === '/status') response.statusCode = 999;
    response.end('x');
  });
  const single = await ask(session, { ':path': '/single' });
  assert.deepEqual([single.status, single.body, single.headers['user-agent']], [200, 'x', 'a']);
  const specific = await ask(session, { ':path': '/specific' });
  assert.deepEqual([specific.status, specific.body, specific.headers['te']], [200, 'x', undefined]);
  assert.equal((await ask(session, { ':path': '/status' })).status, 502);
});

/** A connection on which nothing is said but what the test writes. */
const silent = async (port: number): Promise<TLSSocket> => {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
};

const frame = (type: number, flags: number, stream: number, payload: readonly number[] = []): Buffer =>
  Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream, ...payload]);
const BEGIN = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);
/** `GET https://a/`, of which a body would follow. */
const REQUEST = [0x82, 0x87, 0x84, 0x41, 1, 0x61];
const END_HEADERS = 4;
const END_STREAM = 1;

test('a stream that is reset while it is held for the first GOAWAY does not end the balancer', async (context) => {
  const answer: RequestListener = (_, response) => void response.end('x');
  const { live, session } = await setUp(context, answer, { limits: { keepAliveRequests: 1 } });
  const socket = await silent(live.port());
  let came = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => (came = Buffer.concat([came, chunk])));
  socket.write(Buffer.concat([BEGIN, frame(1, END_HEADERS, 1, REQUEST)]));
  // It does not answer the PING that comes with it.
  await until('the first GOAWAY', () => came.includes(Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0])));
  socket.write(frame(3, 0, 1, [0, 0, 0, 2]));
  assert.equal((await ask(session, { ':path': '/' })).body, 'x');
  socket.destroy();
});

test('a client that does not close after the last GOAWAY is closed', async (context) => {
  const answer: RequestListener = (_, response) => void response.end('x');
  const { live, session } = await setUp(context, answer, { limits: { keepAliveTimeoutMs: 1 } });
  const socket = await silent(live.port());
  session.destroy();
  socket.allowHalfOpen = true;
  socket.resume();
  socket.write(Buffer.concat([BEGIN, frame(1, END_HEADERS | END_STREAM, 1, REQUEST)]));
  await once(socket, 'end');
  await until('nobody is left', () => live.balancer.connections === 0);
  socket.destroy();
});

test('a client that opens its windows and reads nothing is closed, however much waits for it', async (context) => {
  const answer: RequestListener = (_, response) => void response.end(Buffer.alloc(30_000_000));
  const { live, session } = await setUp(context, answer, {
    limits: { bodyTimeoutMs: 1, keepAliveTimeoutMs: 1 },
  });
  const socket = await silent(live.port());
  session.destroy();
  const most = [0x7f, 0xff, 0, 0];
  socket.write(
    Buffer.concat([
      BEGIN,
      frame(4, 0, 0, [0, 4, ...most]),
      frame(8, 0, 0, most),
      frame(1, END_HEADERS | END_STREAM, 1, REQUEST),
    ]),
  );
  await until('it is closed', () => live.balancer.connections === 0);
  socket.destroy();
});
