/** RFC 9110, section 9.2.2; balancing.md, section 3: what may be sent twice, and what never. */
import type { Case, ExpectedResponse, Reply } from '../support/case.ts';
import { ask, get, head, ok, replies } from '../support/case.ts';

const OK: ExpectedResponse = { status: 200, body: 'ok' };
const CLOSES: Reply = replies('fin');
const BREAKS: Reply = replies('reset');

const request = (method: string, body: string): string =>
  ask(`${method} /r HTTP/1.1`, ...(body === '' ? [] : [`Content-Length: ${body.length}`])) + body;

const again = (method: string, body: string, first: Reply, how: string): Case => ({
  name: `retry: ${method}${body === '' ? '' : ' with a body'}, ${how}: once more`,
  why: 'balancing.md 3: safe to repeat',
  client: [request(method, body)],
  upstream: [first],
  methods: [method],
  expect: {
    upstream: [
      { line: `${method} /r HTTP/1.1`, body },
      { line: `${method} /r HTTP/1.1`, body },
    ],
    client: [method === 'HEAD' ? { status: 200 } : OK],
    end: 'kept',
    over: [0, 1],
  },
});

const once = (method: string, body: string, first: Reply, how: string): Case => ({
  name: `retry: ${method}${body === '' ? '' : ' with a body'}, ${how}: never`,
  why: 'RFC 9110 9.2.2: must not be repeated',
  client: [request(method, body)],
  upstream: [first],
  expect: { upstream: [{ line: `${method} /r HTTP/1.1`, body }], client: [{ status: 502 }], end: 'clean' },
});

const repeating = (one: Case): Case => ({ ...one, name: `${one.name}, allowed`, setup: 'repeating' });

export const retries: readonly Case[] = [
  ...['GET', 'HEAD', 'OPTIONS', 'TRACE'].map((method) =>
    again(method, '', CLOSES, 'closed without an answer'),
  ),
  again('GET', '', BREAKS, 'broken without an answer'),
  again('GET', 'hello', CLOSES, 'closed without an answer'),
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'LOCK', 'PROPFIND'].map((method) =>
    once(method, '', CLOSES, 'closed without an answer'),
  ),
  once('POST', 'hello', CLOSES, 'closed without an answer'),
  once('POST', 'hello', BREAKS, 'broken without an answer'),
  once('POST', '', BREAKS, 'broken without an answer'),
  repeating(again('PUT', 'hello', CLOSES, 'closed without an answer')),
  repeating(again('DELETE', '', CLOSES, 'closed without an answer')),
  repeating(once('POST', 'hello', CLOSES, 'closed without an answer')),
  repeating(once('PATCH', 'hello', CLOSES, 'closed without an answer')),
  once('GET', '', replies('HTTP/1.1 2', 'fin'), 'closed within the head'),
  once('GET', '', replies('H', 'reset'), 'broken behind one byte'),
  {
    name: 'retry: both tries fail',
    why: 'balancing.md 3: two tries',
    client: [get()],
    upstream: [CLOSES, CLOSES, CLOSES],
    expect: { upstream: [{}, {}], client: [{ status: 502 }], end: 'clean' },
  },
  {
    name: 'retry: not for a status',
    why: 'balancing.md 3: never on status by default',
    client: [get()],
    upstream: [replies(head('HTTP/1.1 503 X', 'Content-Length: 0'))],
    expect: { upstream: [{}], client: [{ status: 503 }], end: 'kept' },
  },
  {
    name: 'retry: not when the answer has begun',
    why: 'balancing.md 3',
    client: [get()],
    upstream: [
      replies(`${head('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`, { clientHas: 'hello' }, 'fin'),
    ],
    expect: { upstream: [{}], client: [{ status: 200, body: 'hello', cut: true }], end: 'cut' },
  },
  {
    name: 'retry: a body of more than 64 KB is not kept',
    why: 'balancing.md 3',
    client: [ask('GET / HTTP/1.1', 'Content-Length: 100000') + 'x'.repeat(100_000)],
    upstream: [CLOSES],
    expect: { upstream: [{ body: 'x'.repeat(100_000) }], client: [{ status: 502 }], end: 'clean' },
  },
  {
    name: 'retry: GET with chunks is sent again whole',
    why: 'balancing.md 3: kept up to 64 KB',
    client: [`${get('Transfer-Encoding: chunked')}5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n`],
    upstream: [CLOSES],
    expect: { upstream: [{ body: 'helloworld' }, { body: 'helloworld' }], client: [OK], end: 'kept' },
  },
  {
    name: 'retry: the second answer is the client’s, and only that',
    why: 'balancing.md 3',
    client: [get(), { clientHas: 'second' }, get()],
    upstream: [CLOSES, replies(ok('second')), replies(ok('third'))],
    expect: {
      upstream: [{}, {}, {}],
      client: [
        { status: 200, body: 'second' },
        { status: 200, body: 'third' },
      ],
      end: 'kept',
    },
  },
  {
    name: 'retry: a stale connection, GET',
    why: 'RFC 9112 9.3.1; the upstream breaks as the request comes',
    client: [get(), { clientHas: 'ok' }, get('X-Second: 1')],
    upstream: [replies(ok('ok')), BREAKS, replies(ok('again'))],
    expect: {
      upstream: [{}, {}, {}],
      client: [OK, { status: 200, body: 'again' }],
      end: 'kept',
      over: [0, 0, 1],
    },
  },
  {
    name: 'retry: a stale connection, POST',
    why: 'RFC 9110 9.2.2: it may have been acted on',
    client: [get(), { clientHas: 'ok' }, request('POST', 'hello')],
    upstream: [replies(ok('ok')), BREAKS],
    expect: { upstream: [{}, { body: 'hello' }], client: [OK, { status: 502 }], end: 'clean' },
  },
  {
    name: 'retry: the client has gone',
    why: 'balancing.md 3: never on client abort',
    client: [get(), { upstreamHas: '\r\n\r\n' }, 'reset', 'upstream-ended'],
    upstream: [['whole', 'upstream-ended']],
    expect: { upstream: [{}], client: [], end: 'any' },
  },
];
