/** RFC 9112, section 7.1: chunks of a request's body. */
import type { Case } from '../support/case.ts';
import { brokenBody, bytesOf, chunks, passed, post } from '../support/case.ts';

const chunked = (body: string): string => `${post('Transfer-Encoding: chunked')}${body}`;

const bad: readonly (readonly [string, string])[] = [
  ['a size that is no number', 'x\r\nhello\r\n0\r\n\r\n'],
  ['no size', '\r\nhello\r\n0\r\n\r\n'],
  ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a size with a plus', '+5\r\nhello\r\n0\r\n\r\n'],
  ['a space before the size', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['a space behind the size', '5 \r\nhello\r\n0\r\n\r\n'],
  ['a tab behind the size', '5\t\r\nhello\r\n0\r\n\r\n'],
  ['a size of 17 digits', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
  ['a size of 40 digits', `${'f'.repeat(40)}\r\nhello\r\n0\r\n\r\n`],
  ['an underscore in the size', '0_5\r\nhello\r\n0\r\n\r\n'],
  ['a NUL in the size', '5\0\r\nhello\r\n0\r\n\r\n'],
  ['a bare LF behind the size', '5\nhello\r\n0\r\n\r\n'],
  ['a bare CR behind the size', '5\rhello\r\n0\r\n\r\n'],
  ['CR CR LF behind the size', '5\r\r\nhello\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'],
  ['a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['a NUL in an extension', '5;a\0\r\nhello\r\n0\r\n\r\n'],
  ['a chunk that is longer than its size', '3\r\nhello\r\n0\r\n\r\n'],
  ['a chunk that is shorter than its size', '7\r\nhello\r\n0\r\n\r\n'],
  ['no CRLF behind the chunk', '5\r\nhello0\r\n\r\n'],
  ['a bare LF behind the chunk', '5\r\nhello\n0\r\n\r\n'],
  ['a bare CR behind the chunk', '5\r\nhello\r0\r\n\r\n'],
  ['two CRLF behind the chunk', '5\r\nhello\r\n\r\n0\r\n\r\n'],
  ['a bare LF behind the last chunk', '5\r\nhello\r\n0\n\r\n'],
  ['a trailer without a colon', '5\r\nhello\r\n0\r\nX\r\n\r\n'],
  ['a space before the colon of a trailer', '5\r\nhello\r\n0\r\nX : 1\r\n\r\n'],
  ['a NUL in a trailer', '5\r\nhello\r\n0\r\nX: \0\r\n\r\n'],
  ['a folded trailer', '5\r\nhello\r\n0\r\nX: 1\r\n 2\r\n\r\n'],
];

export const chunkCoding: readonly Case[] = [
  ...bad.map(([name, body]) =>
    brokenBody(`chunks: ${name}`, 'RFC 9112 7.1: anything else is invalid', chunked(body)),
  ),
  passed('chunks: none but the last', 'RFC 9112 7.1', chunked('0\r\n\r\n'), { body: '' }),
  passed('chunks: many', 'RFC 9112 7.1', chunked(chunks('a', 'bc', 'def', 'g'.repeat(300))), {
    body: `abcdef${'g'.repeat(300)}`,
    has: ['Transfer-Encoding: chunked'],
    lacks: ['content-length'],
  }),
  passed('chunks: byte by byte', 'RFC 9112 7.1', bytesOf(chunked(chunks('hello', 'world'))), {
    body: 'helloworld',
  }),
  passed('chunks: sizes in upper case', 'RFC 9112 7.1', chunked(`A\r\n${'x'.repeat(10)}\r\n0\r\n\r\n`), {
    body: 'x'.repeat(10),
  }),
  passed('chunks: zeros before a size', 'RFC 9112 7.1', chunked('0005\r\nhello\r\n000\r\n\r\n'), {
    body: 'hello',
  }),
  passed(
    'chunks: extensions go',
    'RFC 9112 7.1.1: a recipient must ignore unknown ones',
    chunked('5;a=b\r\nhello\r\n0;c="d;e"\r\n\r\n'),
    { body: 'hello' },
  ),
  passed('chunks: an extension without a value', 'RFC 9112 7.1.1', chunked('5;a\r\nhello\r\n0\r\n\r\n'), {
    body: 'hello',
  }),
  {
    name: 'chunks: extensions without end',
    why: 'RFC 9112 7.1.1: a server ought to limit their total length',
    client: [chunked(`5;${'a'.repeat(40_000)}\r\nhello\r\n0\r\n\r\n`)],
    expect: { upstream: 'nothing whole', client: [{ status: [400, 413, 431] }], end: 'closed' },
  },
  passed(
    'chunks: small extensions of many chunks',
    'RFC 9112 7.1.1: each is limited; nginx and HAProxy pass them too, and the upstream sees none',
    chunked(`${`1;${'a'.repeat(60)}\r\nx\r\n`.repeat(500)}0\r\n\r\n`),
    { body: 'x'.repeat(500) },
  ),
  {
    name: 'chunks: the client ends before the last',
    why: 'RFC 9112 8: incomplete',
    client: [chunked('5\r\nhello\r\n'), 'fin'],
    expect: { upstream: 'nothing whole', client: [], end: 'cut' },
  },
  {
    name: 'chunks: the client breaks off in the middle of one',
    why: 'RFC 9112 8: incomplete',
    client: [chunked('5\r\nhel'), { upstreamHas: 'hel' }, 'reset'],
    expect: { upstream: [{ body: 'hel', cut: true }], client: [], end: 'any' },
  },
  {
    name: 'chunks: a bad one after the upstream has had good ones',
    why: 'RFC 9112 7.1: what has begun breaks off',
    client: [chunked('5\r\nhello\r\n'), { upstreamHas: 'hello' }, 'zz\r\n'],
    expect: { upstream: [{ body: 'hello', cut: true }], client: [{ status: 400 }], end: 'closed' },
  },
];
