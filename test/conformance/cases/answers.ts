/** RFC 9112, section 6.3: where an answer ends, as the upstream says it and as the client must see it. */
import type { Case, ExpectedResponse, Reply } from '../support/case.ts';
import { answered, ask, bytesOf, chunks, get, head, ok, replies } from '../support/case.ts';

const OK: ExpectedResponse = { status: 200, body: 'ok' };

const to10 = (
  name: string,
  why: string,
  reply: Reply,
  response: ExpectedResponse,
  end: Case['expect']['end'],
): Case => ({
  name,
  why,
  client: [head('GET / HTTP/1.0', 'Host: a')],
  upstream: [reply],
  expect: { upstream: [{}], client: [response], end },
});

const bodiless = (name: string, method: string, answer: string, response: ExpectedResponse): Case => ({
  name: `bodiless: ${name}`,
  why: 'RFC 9112 6.3: no body, whatever the headers say',
  client: [ask(`${method} / HTTP/1.1`), { clientHas: '\r\n\r\n' }, get()],
  upstream: [replies(answer), replies(ok('mine'))],
  methods: [method],
  expect: {
    upstream: [{ line: `${method} / HTTP/1.1` }, {}],
    client: [response, { status: 200, body: 'mine' }],
    end: 'kept',
  },
});

const CHUNKED = 'Transfer-Encoding: chunked';

export const answers: readonly Case[] = [
  answered(
    'answer: chunks',
    'RFC 9112 7.1',
    replies(head('HTTP/1.1 200 OK', CHUNKED) + chunks('hello', 'world')),
    {
      status: 200,
      has: [CHUNKED],
      body: 'helloworld',
    },
  ),
  answered(
    'answer: chunks one at a time',
    'RFC 9112 7.1',
    replies(
      head('HTTP/1.1 200 OK', CHUNKED),
      '5\r\nhel',
      { clientHas: 'hel' },
      'lo\r\n5\r\nwo',
      { clientHas: 'wo' },
      'rld\r\n0\r',
      '\n\r\n',
    ),
    {
      status: 200,
      body: 'helloworld',
    },
  ),
  answered(
    'answer: byte by byte',
    'RFC 9112 2.2',
    replies(...bytesOf(head('HTTP/1.1 200 OK', 'X-A: 1', CHUNKED) + chunks('hello'))),
    {
      status: 200,
      has: ['X-A: 1'],
      body: 'hello',
    },
  ),
  answered(
    'answer: chunk extensions go',
    'RFC 9112 7.1.1',
    replies(`${head('HTTP/1.1 200 OK', CHUNKED)}5;x=y\r\nhello\r\n0;z\r\n\r\n`),
    {
      status: 200,
      body: 'hello',
    },
  ),
  answered('answer: a length of 0', 'RFC 9112 6.3', replies(head('HTTP/1.1 200 OK', 'Content-Length: 0')), {
    status: 200,
    has: ['Content-Length: 0'],
    body: '',
  }),
  answered('answer: 300 KB', 'RFC 9112 6.3', replies(ok('x'.repeat(300_000))), {
    status: 200,
    body: 'x'.repeat(300_000),
  }),
  answered(
    'answer: to the end of the connection',
    'RFC 9112 6.3: to a client that knows chunks, chunks',
    replies('HTTP/1.1 200 OK\r\n\r\nhello', { clientHas: 'hello' }, 'world', 'fin'),
    {
      status: 200,
      has: [CHUNKED],
      body: 'helloworld',
    },
  ),
  answered(
    'answer: nothing to the end of the connection',
    'RFC 9112 6.3',
    replies('HTTP/1.1 200 OK\r\n\r\n', 'fin'),
    { status: 200, body: '' },
  ),
  answered(
    'answer: of HTTP/1.0, to its end',
    'RFC 9112 6.3',
    replies('HTTP/1.0 200 OK\r\n\r\nhello', 'fin'),
    { status: 200, body: 'hello' },
  ),
  answered(
    'answer: no reason phrase',
    'RFC 9112 4: may be empty',
    replies('HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok'),
    OK,
  ),
  answered(
    'answer: not even the space before the reason',
    'RFC 9112 4: wants it; many servers forget it, nginx and HAProxy pass it',
    replies('HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'),
    OK,
  ),
  answered(
    'answer: a reason phrase of its own',
    'RFC 9112 4',
    replies('HTTP/1.1 299 Very \u00fcnusual: yes\r\nContent-Length: 2\r\n\r\nok'),
    { status: 299, body: 'ok' },
  ),
  ...[200, 201, 206, 300, 301, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504, 599].map((status) =>
    answered(
      `answer: ${status} goes through`,
      'RFC 9110 15',
      replies(`HTTP/1.1 ${status} X\r\nLocation: /a\r\nContent-Length: 2\r\n\r\nok`),
      { status, lines: ['Location: /a', 'Content-Length: 2'], body: 'ok' },
    ),
  ),
  answered(
    'answer: 205 with a length of 0',
    'RFC 9110 15.3.6',
    replies(head('HTTP/1.1 205 Reset Content', 'Content-Length: 0')),
    { status: 205, body: '' },
  ),
  to10(
    'answer: chunks for HTTP/1.0 are unpacked',
    'RFC 9112 7.1: not for 1.0',
    replies(head('HTTP/1.1 200 OK', CHUNKED) + chunks('hello', 'world')),
    { status: 200, lacks: ['transfer-encoding'], body: 'helloworld' },
    'closed',
  ),
  to10(
    'answer: to the end of the connection for HTTP/1.0',
    'RFC 9112 6.3',
    replies('HTTP/1.1 200 OK\r\n\r\nhello', 'fin'),
    { status: 200, lacks: ['transfer-encoding'], body: 'hello' },
    'closed',
  ),
  {
    name: 'answer: chunks for HTTP/1.0 with keep-alive: closed all the same',
    why: 'RFC 9112 6.3: nothing else ends it',
    client: [head('GET / HTTP/1.0', 'Host: a', 'Connection: keep-alive')],
    upstream: [replies(head('HTTP/1.1 200 OK', CHUNKED) + chunks('hello'))],
    expect: {
      upstream: [{}],
      client: [{ status: 200, lacks: ['transfer-encoding', 'Connection: keep-alive'], body: 'hello' }],
      end: 'closed',
    },
  },
  bodiless('HEAD with a length', 'HEAD', head('HTTP/1.1 200 OK', 'Content-Length: 5'), {
    status: 200,
    has: ['Content-Length: 5'],
    body: '',
  }),
  bodiless('HEAD with chunks announced', 'HEAD', head('HTTP/1.1 200 OK', CHUNKED), { status: 200, body: '' }),
  bodiless('HEAD without either', 'HEAD', head('HTTP/1.1 200 OK'), { status: 200, body: '' }),
  bodiless('HEAD, and a body all the same', 'HEAD', ok('hello'), {
    status: 200,
    has: ['Content-Length: 5'],
    body: '',
  }),
  bodiless('HEAD with 404', 'HEAD', head('HTTP/1.1 404 Not Found', 'Content-Length: 9'), {
    status: 404,
    has: ['Content-Length: 9'],
    body: '',
  }),
  bodiless('204', 'GET', head('HTTP/1.1 204 No Content'), {
    status: 204,
    lacks: ['content-length', 'transfer-encoding'],
    body: '',
  }),
  bodiless('204 with a length', 'GET', head('HTTP/1.1 204 No Content', 'Content-Length: 5'), {
    status: 204,
    body: '',
  }),
  bodiless(
    '204, and a body all the same',
    'GET',
    `${head('HTTP/1.1 204 No Content', 'Content-Length: 5')}hello`,
    { status: 204, body: '' },
  ),
  bodiless('204 with chunks announced', 'GET', head('HTTP/1.1 204 No Content', CHUNKED), {
    status: 204,
    lacks: ['transfer-encoding'],
    body: '',
  }),
  bodiless('304 with a length', 'GET', head('HTTP/1.1 304 Not Modified', 'ETag: "x"', 'Content-Length: 5'), {
    status: 304,
    has: ['ETag: "x"'],
    body: '',
  }),
  bodiless(
    '304, and a body all the same',
    'GET',
    `${head('HTTP/1.1 304 Not Modified', 'Content-Length: 5')}hello`,
    { status: 304, body: '' },
  ),
  bodiless('304 with chunks announced', 'GET', head('HTTP/1.1 304 Not Modified', CHUNKED), {
    status: 304,
    lacks: ['transfer-encoding'],
    body: '',
  }),
  {
    name: 'bodiless: HEAD of HTTP/1.0 without a length',
    why: 'RFC 9112 6.3',
    client: [head('HEAD / HTTP/1.0', 'Host: a')],
    upstream: [replies(head('HTTP/1.1 200 OK'))],
    methods: ['HEAD'],
    expect: { upstream: [{}], client: [{ status: 200, body: '' }], end: 'closed' },
  },
];
