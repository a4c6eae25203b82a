/** RFC 9112, section 8: what is not complete must never look complete. */
import type { Case, ExpectedResponse, Reply } from '../support/case.ts';
import { ask, get, head, ok, post, replies } from '../support/case.ts';

const CHUNKED = head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked');
const LENGTH = head('HTTP/1.1 200 OK', 'Content-Length: 10');
const OPEN = head('HTTP/1.1 200 OK');

const cut = (name: string, reply: Reply, body: string): Case => ({
  name: `cut: ${name}`,
  why: 'RFC 9112 8: incomplete',
  client: [get()],
  upstream: [reply],
  expect: { upstream: [{}], client: [{ status: 200, body, cut: true }], end: 'cut' },
});

/** Nothing but RST tells a client of HTTP/1.0 that more should have come. */
const cut10 = (name: string, reply: Reply, body: string): Case => ({
  ...cut(name, reply, body),
  client: [head('GET / HTTP/1.0', 'Host: a')],
});

const early = (
  name: string,
  request: string,
  reply: Reply,
  response: ExpectedResponse,
  end: 'closed' | 'cut' = 'cut',
): Case => ({
  name: `early: ${name}`,
  why: 'RFC 9112 9.5, 9.6: the answer reaches the client, the rest of the body nobody else',
  client: [request, { clientHas: '\r\n\r\n' }],
  upstream: [reply],
  expect: { upstream: [{ cut: true }], client: [response], end },
});

const WAITED = { clientHas: 'hello' };

export const cuts: readonly Case[] = [
  cut('a length, then FIN', replies(`${LENGTH}hello`, WAITED, 'fin'), 'hello'),
  cut('a length, then RST', replies(`${LENGTH}hello`, WAITED, 'reset'), 'hello'),
  cut('a length, FIN at once', replies(`${LENGTH}hello`, 'fin'), 'hello'),
  cut('a length, one byte short', replies(`${LENGTH}helloworl`, WAITED, 'fin'), 'helloworl'),
  cut('chunks, FIN between two', replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, 'fin'), 'hello'),
  cut('chunks, FIN within one', replies(`${CHUNKED}a\r\nhello`, WAITED, 'fin'), 'hello'),
  cut('chunks, FIN within the last', replies(`${CHUNKED}5\r\nhello\r\n0\r\n`, WAITED, 'fin'), 'hello'),
  cut('chunks, RST between two', replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, 'reset'), 'hello'),
  cut('chunks, a size that is none', replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, 'zz\r\n'), 'hello'),
  cut('chunks, no CRLF behind one', replies(`${CHUNKED}5\r\nhello`, WAITED, 'xx0\r\n\r\n'), 'hello'),
  cut(
    'chunks, a bare LF behind a size',
    replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, '5\nworld\r\n0\r\n\r\n'),
    'hello',
  ),
  cut(
    'chunks, a size that is too large',
    replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, `${'f'.repeat(20)}\r\n`),
    'hello',
  ),
  cut('to the end, but the end is RST', replies(`${OPEN}hello`, WAITED, 'reset'), 'hello'),
  ...Array.from({ length: 3 }, (_, at) =>
    cut(
      `to the end, but the end is RST with the last bytes, ${at}`,
      replies(`${OPEN}hello`, 'reset'),
      'hello',
    ),
  ),
  cut10('for HTTP/1.0: a length, then FIN', replies(`${LENGTH}hello`, WAITED, 'fin'), 'hello'),
  cut10('for HTTP/1.0: chunks, then FIN', replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, 'fin'), 'hello'),
  cut10('for HTTP/1.0: to the end, but the end is RST', replies(`${OPEN}hello`, WAITED, 'reset'), 'hello'),
  cut10(
    'for HTTP/1.0: chunks, a size that is none',
    replies(`${CHUNKED}5\r\nhello\r\n`, WAITED, 'zz\r\n'),
    'hello',
  ),
  {
    name: 'cut: the request’s body, by FIN',
    why: 'RFC 9112 8: the upstream must not take it for complete',
    client: [`${post('Content-Length: 10')}hello`, { upstreamHas: 'hello' }, 'fin'],
    expect: { upstream: [{ body: 'hello', cut: true }], client: [], end: 'any' },
  },
  {
    name: 'cut: the request’s body, by RST',
    why: 'RFC 9112 8',
    client: [`${post('Content-Length: 10')}hello`, { upstreamHas: 'hello' }, 'reset'],
    expect: { upstream: [{ body: 'hello', cut: true }], client: [], end: 'any' },
  },
  {
    name: 'cut: the client leaves in the middle of the answer',
    why: 'balancing.md 3: the upstream is not to go on for nobody',
    client: [get(), { clientHas: 'hello' }, 'reset'],
    upstream: [replies(`${LENGTH}hello`, 'upstream-ended')],
    expect: { upstream: [{}], client: [{ status: 200, body: 'hello', cut: true }], end: 'any' },
  },
  early(
    '413 and close while the body comes',
    `${post('Content-Length: 100')}hello`,
    [{ upstreamHas: 'hello' }, head('HTTP/1.1 413 X', 'Content-Length: 0', 'Connection: close'), 'fin'],
    { status: 413, body: '' },
  ),
  early(
    '200 without close while the body comes',
    `${post('Content-Length: 100')}hello`,
    [{ upstreamHas: 'hello' }, ok('done')],
    { status: 200, body: 'done' },
  ),
  early(
    '401 while chunks come',
    `${post('Transfer-Encoding: chunked')}5\r\nhello\r\n`,
    [{ upstreamHas: 'hello' }, head('HTTP/1.1 401 X', 'Content-Length: 0')],
    { status: 401, body: '' },
  ),
  early(
    'an answer and RST while the body comes',
    `${post('Content-Length: 100')}hello`,
    [{ upstreamHas: 'hello' }, ok('done'), { clientHas: 'done' }, 'reset'],
    { status: 200, body: 'done' },
  ),
  {
    name: 'early: the body goes on during the answer, and both complete',
    why: 'RFC 9112 9.3: both directions at once',
    client: [`${post('Content-Length: 10')}hello`, { clientHas: 'half' }, 'world'],
    upstream: [
      [{ upstreamHas: 'hello' }, `${head('HTTP/1.1 200 OK', 'Content-Length: 8')}half`, 'whole', 'half'],
    ],
    expect: { upstream: [{ body: 'helloworld' }], client: [{ status: 200, body: 'halfhalf' }], end: 'clean' },
  },
  {
    name: 'early: the rest of a body is not the next request',
    why: 'RFC 9112 9.5; smuggling by an early answer',
    client: [
      `${ask('POST / HTTP/1.1', `Content-Length: ${get().length + 5}`)}hello`,
      { clientHas: 'done' },
      ask('GET /smuggled HTTP/1.1').slice(0, get().length),
    ],
    upstream: [[{ upstreamHas: 'hello' }, ok('done')]],
    expect: { upstream: [{ cut: true }], client: [{ status: 200, body: 'done' }], end: 'cut' },
  },
];
