/** Limits that protect, set small: `narrow` in skein.ts. */
import type { Case, Step } from '../support/case.ts';
import { ask, chunks, get, ok, post, replies } from '../support/case.ts';

const limit = (
  name: string,
  why: string,
  client: readonly Step[],
  status: number | readonly number[],
  upstream: Case['expect']['upstream'] = 'nothing',
): Case => ({
  name: `limit: ${name}`,
  why,
  setup: 'narrow',
  client,
  expect: { upstream, client: [{ status }], end: 'cut' },
});

const fits = (name: string, client: string, body = ''): Case => ({
  name: `limit: ${name} fits`,
  why: 'what is allowed is allowed',
  setup: 'narrow',
  client: [client],
  expect: { upstream: [{ body }], client: [{ status: 200 }], end: 'kept' },
});

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `X-${at}: 1`);

export const limits: readonly Case[] = [
  limit('a header of more than 2 KB', 'RFC 6585 5: 431', [get(`X-A: ${'a'.repeat(3000)}`)], 431),
  limit('a header without end', 'RFC 6585 5', [`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(5000)}`], 431),
  limit('many small lines', 'RFC 6585 5', [get(...lines(300))], 431),
  limit('more than 20 lines', 'RFC 6585 5', [get(...lines(30))], 431),
  limit(
    'a target of more than 2 KB',
    'RFC 9110 15.5.15: 414, or 431',
    [ask(`GET /${'a'.repeat(3000)} HTTP/1.1`)],
    [414, 431],
  ),
  limit('a length of more than 1000', 'RFC 9110 15.5.14: 413', [post('Content-Length: 1001')], 413),
  limit(
    'a length of more than 1000, with Expect',
    'RFC 9110 10.1.1',
    [post('Content-Length: 1001', 'Expect: 100-continue')],
    413,
  ),
  limit(
    'chunks of more than 1000',
    'RFC 9110 15.5.14: 413; the upstream never has it whole',
    [`${post('Transfer-Encoding: chunked')}${chunks('x'.repeat(600), 'y'.repeat(600))}`],
    413,
    'nothing whole',
  ),
  limit(
    'a head that does not end',
    'RFC 9110 15.5.9: 408 (slowloris)',
    ['GET / HTTP/1.1\r\nHost: a\r\nX-'],
    408,
  ),
  limit(
    'a body that does not come',
    'RFC 9110 15.5.9: 408',
    [post('Content-Length: 10'), { upstreamHas: '\r\n\r\n' }, 'hello'],
    408,
    [{ body: 'hello', cut: true }],
  ),
  limit(
    'chunks that do not come',
    'RFC 9110 15.5.9: 408',
    [`${post('Transfer-Encoding: chunked')}5\r\nhello\r\n`],
    408,
    [{ body: 'hello', cut: true }],
  ),
  fits('a header of 1 KB', get(`X-A: ${'a'.repeat(1000)}`)),
  fits('10 lines', get(...lines(10))),
  fits('a body of 1000', `${post('Content-Length: 1000')}${'x'.repeat(1000)}`, 'x'.repeat(1000)),
  {
    name: 'limit: an idle connection is closed',
    why: 'RFC 9112 9.5',
    setup: 'narrow',
    client: [get(), { clientHas: 'ok' }, 'client-ended'],
    expect: { upstream: [{}], client: [{ status: 200, body: 'ok' }], end: 'closed' },
  },
  {
    name: 'limit: a connection on which nothing ever comes is closed',
    why: 'balancing.md 10: slowloris',
    setup: 'narrow',
    client: ['client-ended'],
    expect: { upstream: 'nothing', client: [], end: 'any' },
  },
  {
    name: 'limit: the fourth request over one connection is the last',
    why: 'RFC 9112 9.6: close is said',
    setup: 'narrow',
    client: [get() + get() + get() + get() + get()],
    expect: {
      upstream: [{}, {}, {}, {}],
      client: [
        { status: 200 },
        { status: 200 },
        { status: 200 },
        { status: 200, has: ['Connection: close'] },
      ],
      end: 'closed',
    },
  },
  {
    name: 'limit: an upstream that does not answer',
    why: 'RFC 9110 15.6.5: 504, not tried again',
    setup: 'narrow',
    client: [get()],
    upstream: [['whole', 'upstream-ended']],
    expect: { upstream: [{}], client: [{ status: 504 }], end: 'clean' },
  },
  {
    name: 'limit: an upstream that stops in the middle',
    why: 'RFC 9112 8: never looks complete',
    setup: 'narrow',
    client: [get()],
    upstream: [replies('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', 'upstream-ended')],
    expect: { upstream: [{}], client: [{ status: 200, body: 'hello', cut: true }], end: 'cut' },
  },
  {
    name: 'limit: a length that fits, and then less',
    why: 'RFC 9110 15.5.9',
    setup: 'narrow',
    client: [post('Content-Length: 1000')],
    upstream: [replies(ok('ok'))],
    expect: { upstream: [{ body: '', cut: true }], client: [{ status: 408 }], end: 'cut' },
  },
];
