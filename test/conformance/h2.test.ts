/** What the cases ask of HTTP/1.1, as far as it means something over HTTP/2 (RFC 9113, section 8). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import type { Reply } from './support/case.ts';
import { chunks, head, ok, replies } from './support/case.ts';
import type { RequestSeen } from './support/message.ts';
import { valuesOf } from './support/message.ts';
import type { Balancer } from './support/skein.ts';
import { balancer } from './support/skein.ts';
import { World } from './support/world.ts';

const PATIENCE_MS = 3000;

let ours: Balancer;
let session: ClientHttp2Session;

before(async () => {
  ours = await balancer('plain', PATIENCE_MS);
  session = connect(`https://127.0.0.1:${ours.tlsPort}`, { rejectUnauthorized: false });
  await once(session, 'connect');
});
after(async () => {
  session.destroy();
  await ours.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly informational: readonly Readonly<Record<string, unknown>>[];
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The code with which the stream was reset; 0: it ended by itself. */
  readonly reset: number;
}

interface Exchanged {
  readonly answer: Answer;
  readonly requests: readonly RequestSeen[];
  readonly strays: readonly string[];
}

const read = async (stream: ClientHttp2Stream): Promise<Answer> => {
  let headers: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  const informational: Record<string, unknown>[] = [];
  let body = '';
  stream.setEncoding('latin1');
  stream.on('headers', (one: Record<string, unknown>) => informational.push(one));
  stream.on('response', (one: Record<string, unknown>) => {
    headers = one;
  });
  stream.on('trailers', (one: Record<string, unknown>) => {
    trailers = one;
  });
  stream.on('data', (chunk: string) => {
    body += chunk;
  });
  stream.on('error', () => undefined);
  // Not `once`, to which a stream that is reset is an error.
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });
  return {
    status: Number(headers[':status'] ?? 0),
    headers,
    informational,
    trailers,
    body,
    reset: stream.rstCode,
  };
};

/** One request; `send`: writes its body and ends it. */
const exchange = async (
  headers: OutgoingHttpHeaders,
  upstream: readonly Reply[] = [],
  send: (stream: ClientHttp2Stream, world: World) => void = (stream) => stream.end(),
  waitForTrailers = false,
): Promise<Exchanged> => {
  const world = new World(upstream, PATIENCE_MS);
  ours.plain.upstream.serve(world);
  const stream = session.request(
    { ':scheme': 'https', ':authority': 'a', ':path': '/', ...headers },
    { endStream: false, waitForTrailers },
  );
  const answer = read(stream);
  send(stream, world);
  const seen = await answer;
  const result = {
    answer: seen,
    requests: world.arrived.map(({ request }) => request),
    strays: world.nonsense,
  };
  world.finish();
  ours.plain.upstream.serve(undefined);
  await Promise.all(world.links.map(({ peer }) => peer.gone(PATIENCE_MS)));
  return result;
};

const OK = { status: 200, body: 'ok', reset: 0 };
const short = ({ status, body, reset }: Answer): typeof OK => ({ status, body, reset });

test('a GET is one of HTTP/1.1 with its Host, and what an upstream is told', async () => {
  const { answer, requests } = await exchange({ ':path': '/x?y', 'x-a': '1' });
  assert.deepEqual(short(answer), OK);
  const [request] = requests;
  assert.equal(`${request?.method} ${request?.target} ${request?.version}`, 'GET /x?y 1.1');
  for (const [name, value] of [
    ['host', 'a'],
    ['x-a', '1'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-proto', 'https'],
  ] as const)
    assert.deepEqual(valuesOf(request!.lines, name), [value]);
  assert.ok(request!.lines.every(([name]) => !name.startsWith(':')));
});

test('crumbs of a cookie are one line', async () => {
  const { requests } = await exchange({ cookie: ['a=1', 'b=2'] });
  assert.deepEqual(valuesOf(requests[0]!.lines, 'cookie'), ['a=1; b=2']);
});

test('forged lines about the client go', async () => {
  const forged = { 'x-forwarded-for': '6.6.6.6', x_forwarded_for: '6.6.6.6', 'x-real-ip': '6.6.6.6' };
  const { requests } = await exchange({ ...forged, forwarded: 'for=6.6.6.6' });
  assert.ok(!requests[0]!.raw.includes('6.6.6.6'), requests[0]!.raw);
});

test('a body of unknown length goes in chunks', async () => {
  const { answer, requests } = await exchange({ ':method': 'POST' }, [], (stream) => {
    stream.write('hello');
    stream.end('world');
  });
  assert.deepEqual(short(answer), OK);
  assert.equal(requests[0]?.body, 'helloworld');
  assert.deepEqual(valuesOf(requests[0].lines, 'transfer-encoding'), ['chunked']);
});

test('a body with a length keeps it', async () => {
  const { requests } = await exchange({ ':method': 'POST', 'content-length': '5' }, [], (stream) => {
    stream.end('hello');
  });
  assert.equal(requests[0]?.body, 'hello');
  assert.deepEqual(valuesOf(requests[0].lines, 'content-length'), ['5']);
  assert.deepEqual(valuesOf(requests[0].lines, 'transfer-encoding'), []);
});

test('a body shorter than its length is never whole at the upstream', async () => {
  const { answer, requests } = await exchange({ ':method': 'POST', 'content-length': '10' }, [], (stream) => {
    stream.end('hello');
  });
  assert.ok(requests.every(({ whole }) => !whole));
  assert.ok(answer.reset !== 0 || answer.status === 400, JSON.stringify(answer));
});

test('trailers go both ways', async () => {
  const { answer, requests } = await exchange(
    { ':method': 'POST', te: 'trailers' },
    [
      replies(
        `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Trailer: X-B')}2\r\nok\r\n0\r\nX-B: 2\r\nSet-Cookie: a=1\r\n\r\n`,
      ),
    ],
    (stream) => {
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-a': '1', host: 'evil' }));
      stream.end('hello');
    },
    true,
  );
  assert.deepEqual(requests[0]?.trailers, [['x-a', '1']]);
  assert.deepEqual(short(answer), OK);
  assert.equal(answer.trailers['x-b'], '2');
  assert.equal(answer.trailers['set-cookie'], undefined);
});

test('HEAD, 204 and 304 have no body, whatever the upstream sends', async () => {
  for (const [method, text, status] of [
    ['HEAD', ok('hello'), 200],
    ['GET', `${head('HTTP/1.1 204 X', 'Content-Length: 5')}hello`, 204],
    ['GET', `${head('HTTP/1.1 304 X', 'Content-Length: 5')}hello`, 304],
  ] as const) {
    const { answer } = await exchange({ ':method': method }, [replies(text)]);
    assert.deepEqual(short(answer), { status, body: '', reset: 0 });
  }
});

test('hop-by-hop lines of an answer end here; Set-Cookie lines stay apart', async () => {
  const { answer } = await exchange({}, [
    replies(
      `${head(
        ...[
          'HTTP/1.1 200 OK',
          'Connection: X-A, keep-alive',
          'X-A: 1',
          'Keep-Alive: timeout=5',
          'Upgrade: h2c',
        ],
        ...['Proxy-Connection: close', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Transfer-Encoding: chunked'],
      )}${chunks('ok')}`,
    ),
  ]);
  assert.deepEqual(short(answer), OK);
  for (const name of ['connection', 'x-a', 'keep-alive', 'upgrade', 'proxy-connection', 'transfer-encoding'])
    assert.equal(answer.headers[name], undefined, name);
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
});

test('103 comes before the answer', async () => {
  const { answer } = await exchange({}, [replies(head('HTTP/1.1 103 Early Hints', 'Link: </a>') + ok('ok'))]);
  assert.deepEqual(
    answer.informational.map((one) => [one[':status'], one['link']]),
    [[103, '</a>']],
  );
  assert.deepEqual(short(answer), OK);
});

test('what is cut is reset', async () => {
  for (const reply of [
    replies(`${head('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`, 'fin'),
    replies(`${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`, 'fin'),
    replies(`${head('HTTP/1.1 200 OK')}hello`, 'reset'),
  ]) {
    const { answer } = await exchange({}, [reply]);
    assert.notEqual(answer.reset, 0, JSON.stringify(answer));
  }
});

test('a bad head of an upstream is a 502', async () => {
  for (const text of [
    'nonsense\r\n\r\n',
    head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 3'),
    head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Transfer-Encoding: chunked'),
    head('HTTP/1.1 101 X', 'Upgrade: websocket', 'Connection: upgrade'),
  ]) {
    const { answer } = await exchange({}, [replies(text, 'fin')]);
    assert.equal(answer.status, 502, text);
  }
});

test('what HTTP/1.1 refuses does not come in by HTTP/2', async () => {
  for (const headers of [
    { host: 'b' },
    { ':authority': 'a b' },
    { ':authority': 'u@a' },
    { ':path': '/a#b' },
    { ':path': 'a' },
    { ':path': '*' },
    { ':path': '/a b' },
    { content_length: '5' },
    { transfer_encoding: 'chunked' },
    { expect: 'something' },
    { ':method': 'G T' },
  ] as readonly OutgoingHttpHeaders[]) {
    const { answer, requests, strays } = await exchange(headers);
    assert.deepEqual([requests.length, strays], [0, []], JSON.stringify(headers));
    assert.ok(answer.reset !== 0 || (answer.status >= 400 && answer.status < 500), JSON.stringify(headers));
  }
});

test('GET is tried again, POST never', async () => {
  const again = await exchange({}, [replies('fin')]);
  assert.deepEqual([again.requests.length, short(again.answer)], [2, OK]);
  const once = await exchange({ ':method': 'POST' }, [replies('fin')]);
  assert.deepEqual([once.requests.length, once.answer.status], [1, 502]);
});

test('the client resets its stream, and the upstream is not to go on for nobody', async () => {
  const { requests } = await exchange({}, [['whole', 'upstream-ended']], (stream, world) => {
    stream.end();
    void world.until(() => world.arrived.length > 0).then(() => stream.close(8));
  });
  assert.equal(requests.length, 1);
});
