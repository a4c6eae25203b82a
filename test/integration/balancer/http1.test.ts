import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUp } from '../../support/balanced.ts';
import { answering } from '../../support/raw-upstream.ts';
import { until } from '../../support/wait.ts';

const OK = 'HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi';

test('a request goes through and comes back, and both connections stay', async () => {
  const { client, end, upstream } = await setUp([answering(OK)]);
  const one = await client();
  for (const reused of [false, true]) {
    one.received = '';
    one.get('/a?b', ['X-Own: 1']);
    await one.until(/hi$/);
    assert.equal(one.received, OK);
    const { status, tries, termination, bytesOut, reused: wasReused } = await end();
    assert.deepEqual(
      { status, tries, termination, bytesOut, wasReused },
      { status: 200, tries: 1, termination: { who: '-', phase: '-' }, bytesOut: 2, wasReused: reused },
    );
  }
  assert.equal(upstream.connections.length, 1);
  assert.match(upstream.received, /^GET \/a\?b HTTP\/1\.1\r\nHost: test\r\nX-Own: 1\r\n/);
  assert.match(upstream.received, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/);
});

test('X_Request_Id of a client reaches no upstream and is no id, also from who is trusted', async () => {
  for (const trust of [[], ['127.0.0.1']]) {
    const { client, end, upstream } = await setUp([answering(OK)], {}, { front: { trust } });
    const one = await client();
    one.get('/', ['X_Request_Id: forged']);
    await one.until(/hi$/);
    const { requestId } = await end();
    assert.match(requestId ?? '', /^[0-9a-f]{32}$/);
    assert.doesNotMatch(upstream.received, /x_request_id|forged/i);
    assert.match(upstream.received, new RegExp(`\\r\\nx-request-id: ${requestId}\\r\\n`, 'i'));
  }
});

test('the total time of a streamed answer is to its last byte, over a reused connection too', async () => {
  const STREAM_MS = 60;
  const times: { readonly reused: boolean; readonly firstByteMs: number; readonly totalMs: number }[] = [];
  const { client } = await setUp(
    [
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n');
        setTimeout(() => socket.write('3\r\nllo\r\n0\r\n\r\n'), STREAM_MS);
      },
    ],
    {},
    {
      observer: {
        ended: ({ reused, firstByteMs, totalMs }) => void times.push({ reused, firstByteMs, totalMs }),
      },
    },
  );
  const one = await client();
  for (const reused of [false, true]) {
    one.received = '';
    one.get();
    await one.until(/\r\n0\r\n\r\n$/);
    const time = await until('the end of it', () => times.shift());
    assert.equal(time.reused, reused);
    // A timer may come a millisecond early.
    assert.ok(time.totalMs - time.firstByteMs >= STREAM_MS - 5, JSON.stringify(time));
  }
});

/** Of a response, which is taken out of what was received. */
const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n') + 4);

const plain = async (response: string, request: string, expected: RegExp): Promise<void> => {
  const { client } = await setUp([answering(response)]);
  const one = await client();
  one.write(request);
  await one.until(expected);
};

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const OLD = 'GET / HTTP/1.0\r\nHost: a\r\n\r\n';
const D = 'Date: x\r\n';
const CHUNKED = `HTTP/1.1 200 OK\r\n${D}Transfer-Encoding: chunked\r\n\r\n`;

const passes: readonly (readonly [what: string, response: string, request: string, expected: RegExp])[] = [
  [
    'a chunked answer',
    `${CHUNKED}2\r\nhi\r\n3;x=y\r\n ho\r\n0\r\n\r\n`,
    GET,
    /Transfer-Encoding: chunked\r\n\r\n5\r\nhi ho\r\n0\r\n\r\n$/,
  ],
  [
    'a chunked answer to HTTP/1.0',
    `${CHUNKED}2\r\nhi\r\n3\r\n ho\r\n0\r\n\r\n`,
    OLD,
    /x\r\nConnection: close\r\n\r\nhi ho$/,
  ],
  ['an empty chunked answer', `${CHUNKED}0\r\n\r\n`, GET, /chunked\r\n\r\n0\r\n\r\n$/],
  [
    'trailers for who takes them',
    `${CHUNKED}2\r\nhi\r\n0\r\nX-T: 1\r\nHost: b\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: TE\r\nTE: trailers\r\n\r\n',
    /2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n$/,
  ],
  ['no trailers for others', `${CHUNKED}2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n`, GET, /2\r\nhi\r\n0\r\n\r\n$/],
  [
    'a HEAD',
    `HTTP/1.1 200 OK\r\n${D}Content-Length: 9\r\n\r\n`,
    'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    /^HTTP\/1\.1 200 OK\r\nDate: x\r\nContent-Length: 9\r\n\r\n$/,
  ],
  ['a 204', `HTTP/1.1 204 No Content\r\n${D}\r\n`, GET, /^HTTP\/1\.1 204 No Content\r\nDate: x\r\n\r\n$/],
  [
    'a 304',
    `HTTP/1.1 304 Not Modified\r\n${D}Content-Length: 5\r\n\r\n`,
    GET,
    /^HTTP\/1\.1 304 Not Modified\r\nDate: x\r\nContent-Length: 5\r\n\r\n$/,
  ],
  [
    'a 103 and then the answer',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
    GET,
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
  ],
  [
    'no 103 to HTTP/1.0',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
    OLD,
    /^HTTP\/1\.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi$/,
  ],
  [
    'HTTP/1.0 that stays',
    OK,
    'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    /Connection: keep-alive\r\n\r\nhi$/,
  ],
  [
    'Connection: close of the client',
    OK,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    /Content-Length: 2\r\nConnection: close\r\n\r\nhi$/,
  ],
  [
    'hop-by-hop fields',
    'HTTP/1.1 200 OK\r\nDate: x\r\nKeep-Alive: timeout=5\r\nConnection: x-b, keep-alive\r\nX-B: 1\r\nA: 1\r\nA: 2\r\nContent-Length: 0\r\n\r\n',
    GET,
    /^HTTP\/1\.1 200 OK\r\nDate: x\r\nA: 1\r\nA: 2\r\nContent-Length: 0\r\n\r\n$/,
  ],
];
for (const [what, response, request, expected] of passes)
  test(`passed on: ${what}`, () => plain(response, request, expected));

const refused: readonly (readonly [status: number, request: string])[] = [
  [400, 'GET / HTTP/1.1\r\n\r\n'],
  [400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
  [400, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  [400, 'GET /#a HTTP/1.1\r\nHost: a\r\n\r\n'],
  [400, 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'],
  [400, 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  [400, 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  [400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  [400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na'],
  [400, 'POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 1\r\n\r\na'],
  [400, 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  [501, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  [405, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
  [417, 'POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na'],
  [400, 'G\u0000T / HTTP/1.1\r\nHost: a\r\n\r\n'],
  [400, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
  [400, 'GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n'],
  [400, 'GET /\r\n\r\n'],
  [505, 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
  [
    400,
    'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\nabc',
  ],
  [431, `GET / HTTP/1.1\r\nHost: a\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`],
  [431, `GET / HTTP/1.1\r\nHost: a\r\n${'A: a\r\n'.repeat(101)}\r\n`],
  [508, 'GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 b, 1.1 skein\r\n\r\n'],
];
for (const [status, request] of refused)
  test(`${JSON.stringify(request.slice(0, 80))} gets ${String(status)}`, async () => {
    const { client, end, upstream } = await setUp([answering(OK)]);
    const one = await client();
    one.write(request);
    await one.until(/\r\n\r\n\d{3} /);
    assert.match(headOf(one.received), new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    if (status !== 508) {
      await one.untilEnd();
      assert.match(headOf(one.received), /\r\nConnection: close\r\n/);
    }
    assert.deepEqual((await end()).termination, { who: 'P', phase: 'R' });
    assert.equal(upstream.connections.length, 0);
  });

const badAnswers: readonly string[] = [
  'HTTP/1.1 099 A\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
  'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'nonsense\r\n\r\n',
  `${CHUNKED}zz\r\n`,
  `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(70_000)}\r\n\r\n`,
];
for (const answer of badAnswers)
  test(`an upstream's ${JSON.stringify(answer.slice(0, 60))} becomes 502`, async () => {
    const { client, end, upstream, pool } = await setUp([answering(answer)]);
    const one = await client();
    one.get();
    await one.until(/502 Bad Gateway: no answer from behind\n$/);
    assert.deepEqual((await end()).termination, { who: 'P', phase: 'H' });
    assert.deepEqual(pool.observed, ['u0 closed']);
    await until('its connection is closed', () => upstream.connections[0]?.closed);
    one.received = '';
    one.get();
    await one.until(/502 Bad Gateway/);
  });

test('a body that is cut off breaks the connection: no end, no last chunk', async () => {
  const cut =
    (head: string): ReturnType<typeof answering> =>
    (connection, piece) => {
      answering(head)(connection, piece);
      connection.socket.end();
    };
  for (const [head, request] of [
    [`HTTP/1.1 200 OK\r\n${D}Content-Length: 9\r\n\r\nhi`, GET],
    [`${CHUNKED}9\r\nhi`, GET],
    [`${CHUNKED}2\r\nhi\r\n`, OLD],
  ] as const) {
    const { client, end, pool } = await setUp([cut(head)]);
    const one = await client();
    one.write(request);
    await until('the reset', () => one.error?.code === 'ECONNRESET');
    assert.doesNotMatch(one.received, /0\r\n\r\n$/);
    assert.deepEqual((await end()).termination, { who: 'S', phase: 'D' });
    assert.deepEqual(pool.observed, ['u0 ok', 'u0 closed']);
  }
});

test('a body that ends with the connection is chunked for HTTP/1.1', async () => {
  const { client } = await setUp([
    ({ socket }) => {
      socket.end(`HTTP/1.0 200 OK\r\n${D}\r\nall of it`);
    },
  ]);
  const one = await client();
  one.get();
  await one.until(/chunked\r\n\r\n9\r\nall of it\r\n0\r\n\r\n$/);
});

test('bytes behind an answer end the connection they came over', async () => {
  const { client, upstream } = await setUp([answering(`${OK}HTTP/1.1 200 OK\r\n`)]);
  const one = await client();
  for (let round = 1; round <= 2; round += 1) {
    one.received = '';
    one.get();
    await one.until(/hi$/);
    assert.equal(one.received, OK);
    assert.equal(upstream.connections.length, round);
  }
  await until('both are closed', () => upstream.connections.every(({ closed }) => closed));
});

test('an idle connection that says something, or ends, is not used again', async () => {
  const { client, upstream, balancer, pool } = await setUp([answering(OK)]);
  const one = await client();
  for (const end of [
    (): unknown => upstream.connections[0]?.socket.write('HTTP/1.1 408 A\r\n\r\n'),
    (): unknown => upstream.connections[1]?.socket.end(),
  ]) {
    one.received = '';
    one.get();
    await one.until(/hi$/);
    end();
    await until('it is gone', () => balancer.connections.count(pool.members[0]!).open === 0);
  }
  one.received = '';
  one.get();
  await one.until(/hi$/);
  assert.equal(upstream.connections.length, 3);
});

test('requests sent ahead are answered in their order, one at a time', async () => {
  let open = 0;
  const { client, upstream, balancer } = await setUp([
    ({ socket }, piece) => {
      assert.equal(piece.split('HTTP/1.1').length, 2);
      open += 1;
      assert.equal(open, 1);
      setImmediate(() => {
        open -= 1;
        socket.write(`HTTP/1.1 200 OK\r\n${D}Content-Length: 2\r\n\r\n${piece.slice(5, 7)}`);
      });
    },
  ]);
  const one = await client();
  const paths = Array.from({ length: 40 }, (_, at) => String(at + 10));
  one.write(paths.map((path) => `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  one.write('broken\r\n\r\n');
  await one.until(/400 Bad Request\n$/);
  assert.deepEqual(
    [...one.received.matchAll(/\r\n\r\n(\d\d)HTTP/g)].map(([, path]) => path),
    paths,
  );
  assert.equal(upstream.connections.length, 1);
  assert.equal(balancer.ended.length, 41);
});

test('bodies of requests sent ahead go with their requests', async () => {
  const { client, upstream } = await setUp([
    ({ socket }, piece) => {
      if (piece.includes('hello') || piece.includes('world')) socket.write(OK);
    },
  ]);
  const one = await client();
  const post = (body: string): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n${body}`;
  one.write(`${post('hello')}${post('world')}${post('again')}`.slice(0, -8));
  await one.until(/hi[^]*hi$/);
  assert.match(upstream.received, /hello[^]*world$/);
});

test('a drain ends the connection with the next answer; so does the last request a connection may make', async () => {
  const { client, balancer } = await setUp(
    [answering(OK)],
    {},
    {
      front: {
        limits: {
          ...(await import('../../../src/config/balance-defaults.ts')).defaultFront.limits,
          keepAliveRequests: 2,
        },
      },
    },
  );
  const one = await client();
  one.write(`${GET}${GET}${GET}`);
  await one.untilEnd();
  assert.equal(
    one.received,
    `${OK}HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`,
  );
  balancer.draining = true;
  const two = await client();
  two.get();
  await two.untilEnd();
  assert.match(two.received, /Connection: close\r\n\r\nhi$/);
});
