/** RFC 9112, section 6: where a request ends. Two readers that differ here are how requests are smuggled. */
import type { Case } from '../support/case.ts';
import { ask, brokenBody, chunks, get, passed, post, refused } from '../support/case.ts';

const SMUGGLED = ask('GET /smuggled HTTP/1.1');

const badLengths: readonly (readonly [string, string])[] = [
  ['negative', '-5'],
  ['with a plus', '+5'],
  ['in hex', '0x5'],
  ['with a fraction', '5.0'],
  ['with an exponent', '5e0'],
  ['a list of the same', '5, 5'],
  ['a list of different ones', '5, 6'],
  ['with a comma behind', '5,'],
  ['with a comma before', ',5'],
  ['with a space in it', '5 5'],
  ['with a tab in it', '5\t5'],
  ['empty', ''],
  ['white space', ' '],
  ['a word', 'five'],
  ['quoted', '"5"'],
  ['with an underscore', '1_0'],
  ['with a semicolon', '5;'],
  ['in full-width digits', '\u00b5'],
  ['2^64', '18446744073709551616'],
  ['2^64 and 5, which is 5 to some', '18446744073709551621'],
  ['a thousand digits', '9'.repeat(1000)],
  ['Infinity', 'Infinity'],
  ['a NUL behind it', '5\0'],
];

/** Each of these is chunked to somebody. */
const badCodings: readonly (readonly [string, string, (number | readonly number[])?])[] = [
  ['unknown', 'foo'],
  ['identity', 'identity'],
  ['empty', ''],
  ['a comma', ','],
  ['a comma before', ',chunked'],
  ['a comma behind', 'chunked,'],
  ['quoted', '"chunked"'],
  ['in single quotes', "'chunked'"],
  ['with a parameter', 'chunked;q=1'],
  ['xchunked', 'xchunked'],
  ['chunkedx', 'chunkedx'],
  ['chunk', 'chunk'],
  ['a vertical tab before', '\u000bchunked'],
  ['a form feed behind', 'chunked\u000c'],
  ['a NUL behind', 'chunked\0'],
  ['a bare CR before', '\rchunked'],
  ['identity behind it', 'chunked, identity'],
  ['gzip behind it', 'chunked, gzip'],
  ['twice', 'chunked, chunked', [400, 501]],
  ['behind gzip', 'gzip, chunked', [400, 501]],
  ['behind identity', 'identity, chunked', [400, 501]],
  ['behind an unknown one', 'foo, chunked', [400, 501]],
  ['without a comma between', 'gzip chunked'],
  ['a byte above 127', 'chunked\u00a0'],
];

export const framing: readonly Case[] = [
  ...badLengths.map(([name, value]) =>
    refused(
      `length: ${name}`,
      'RFC 9112 6.3: invalid Content-Length is an error',
      400,
      `${post(`Content-Length: ${value}`)}hello${SMUGGLED}`,
    ),
  ),
  ...badCodings.map(([name, value, status = 400]) =>
    refused(
      `coding: ${name}`,
      'RFC 9112 6.1, 6.3: not exactly chunked',
      status,
      `${post(`Transfer-Encoding: ${value}`)}${chunks('hello')}${SMUGGLED}`,
    ),
  ),
  refused(
    'length: twice the same',
    'RFC 9112 6.3: may be rejected; balancing.md 8: safer',
    400,
    `${post('Content-Length: 5', 'Content-Length: 5')}hello`,
  ),
  refused(
    'length: twice, different',
    'RFC 9112 6.3',
    400,
    `${post('Content-Length: 0', `Content-Length: ${SMUGGLED.length}`)}${SMUGGLED}`,
  ),
  refused(
    'length: twice, different, the other way round',
    'RFC 9112 6.3',
    400,
    `${post(`Content-Length: ${SMUGGLED.length}`, 'Content-Length: 0')}${SMUGGLED}`,
  ),
  refused(
    'length: an underscore in the name',
    'balancing.md 7: some read it as Content-Length',
    400,
    `${post(`Content_Length: ${SMUGGLED.length}`)}${SMUGGLED}`,
  ),
  refused(
    'length: a space before the colon',
    'RFC 9112 5.1',
    400,
    `${post(`Content-Length : ${SMUGGLED.length}`)}${SMUGGLED}`,
  ),
  refused(
    'length: a folded line',
    'RFC 9112 5.2',
    400,
    `${post(`Content-Length:\r\n ${SMUGGLED.length}`)}${SMUGGLED}`,
  ),
  refused(
    'CL.TE: a length and chunks',
    'RFC 9112 6.3, 11.2',
    400,
    `${post('Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\nG`,
  ),
  refused(
    'TE.CL: chunks and a length',
    'RFC 9112 6.3, 11.2',
    400,
    `${post('Transfer-Encoding: chunked', 'Content-Length: 4')}5c\r\n${SMUGGLED}\r\n0\r\n\r\n`,
  ),
  refused(
    'CL.0: a length of 0 and chunks',
    'RFC 9112 6.3',
    400,
    `${post('Content-Length: 0', 'Transfer-Encoding: chunked')}${chunks('hello')}`,
  ),
  refused(
    'CL.TE with GET',
    'RFC 9112 6.3',
    400,
    `${get('Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\nG`,
  ),
  refused(
    'TE.TE: chunked and identity',
    'RFC 9112 6.3',
    [400, 501],
    `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}${chunks('hello')}`,
  ),
  refused(
    'TE.TE: identity and chunked',
    'RFC 9112 6.3',
    [400, 501],
    `${post('Transfer-Encoding: identity', 'Transfer-Encoding: chunked')}${chunks('hello')}`,
  ),
  refused(
    'TE.TE: chunked twice',
    'RFC 9112 7.1: not more than once',
    [400, 501],
    `${post('Transfer-Encoding: chunked', 'transfer-encoding: chunked')}${chunks('hello')}`,
  ),
  refused(
    'TE.TE: chunked and an unknown one',
    'RFC 9112 6.1',
    [400, 501],
    `${post('Transfer-Encoding: chunked', 'Transfer-encoding: cow')}${chunks('hello')}`,
  ),
  refused(
    'coding: a space before the colon',
    'RFC 9112 5.1',
    400,
    `${post('Transfer-Encoding : chunked')}${chunks('hello')}`,
  ),
  refused(
    'coding: a folded line',
    'RFC 9112 5.2',
    400,
    `${post('Transfer-Encoding:\r\n chunked')}${chunks('hello')}`,
  ),
  refused(
    'coding: an underscore in the name',
    'balancing.md 7',
    400,
    `${post('Transfer_Encoding: chunked')}${chunks('hello')}`,
  ),
  refused(
    'coding: behind a line with a space before it',
    'RFC 9112 2.2, 5.2',
    400,
    `${post('X-A: b', ' Transfer-Encoding: chunked', 'Content-Length: 3')}abc`,
  ),
  refused(
    'coding: a length with a space before its colon, and chunks',
    'RFC 9112 5.1',
    400,
    `${post('Content-Length : 6', 'Transfer-Encoding: chunked')}0\r\n\r\nG`,
  ),
  refused(
    'coding: in HTTP/1.0',
    'RFC 9112 6.1: faulty framing, closed',
    400,
    `${ask('POST / HTTP/1.0', 'Transfer-Encoding: chunked')}${chunks('hello')}`,
  ),
  refused(
    'coding: in HTTP/1.0 with a length',
    'RFC 9112 6.1',
    400,
    `${ask('POST / HTTP/1.0', 'Transfer-Encoding: chunked', 'Content-Length: 5')}hello`,
  ),
  passed('length: 0', 'RFC 9112 6.2', post('Content-Length: 0'), {
    line: 'POST / HTTP/1.1',
    has: ['Content-Length: 0'],
    body: '',
  }),
  passed('length: with zeros before it', 'RFC 9110 8.6: 1*DIGIT', `${post('Content-Length: 005')}hello`, {
    body: 'hello',
  }),
  passed('length: white space around it', 'RFC 9112 5.1', `${post('Content-Length: \t5 \t')}hello`, {
    body: 'hello',
  }),
  passed(
    'length: the body is no text',
    'RFC 9112 6.2',
    `${post('Content-Length: 8')}\0\u00ff\r\n\r\n\u0080\u0001`,
    { body: '\0\u00ff\r\n\r\n\u0080\u0001' },
  ),
  passed(
    'length: the body looks like a request',
    'RFC 9112 6.2',
    `${post(`Content-Length: ${SMUGGLED.length}`)}${SMUGGLED}`,
    { body: SMUGGLED },
  ),
  passed('length: none with POST', 'RFC 9112 6.3: no body', post(), { line: 'POST / HTTP/1.1', body: '' }),
  passed(
    'length: a body of GET',
    'balancing.md 8: forwarded with the same framing',
    `${get('Content-Length: 5')}hello`,
    {
      line: 'GET / HTTP/1.1',
      has: ['Content-Length: 5'],
      body: 'hello',
    },
  ),
  passed(
    'length: a body of DELETE',
    'RFC 9110 9.3.5',
    `${ask('DELETE / HTTP/1.1', 'Content-Length: 5')}hello`,
    { body: 'hello' },
  ),
  passed(
    'length: the body comes later, in pieces',
    'RFC 9112 6.2',
    [post('Content-Length: 10'), { upstreamHas: '\r\n\r\n' }, 'hello', { upstreamHas: 'hello' }, 'world'],
    { body: 'helloworld' },
  ),
  passed('length: 300 KB', 'RFC 9112 6.2', `${post('Content-Length: 300000')}${'x'.repeat(300_000)}`, {
    body: 'x'.repeat(300_000),
  }),
  passed(
    'length: of HTTP/1.0, which is asked to stay',
    'RFC 9112 9.3',
    `${ask('POST / HTTP/1.0', 'Connection: keep-alive', 'Content-Length: 5')}hello`,
    { line: 'POST / HTTP/1.1', body: 'hello' },
  ),
  passed(
    'coding: Chunked in another case',
    'RFC 9112 7',
    `${post('Transfer-Encoding: cHuNkEd')}${chunks('hello')}`,
    {
      has: ['Transfer-Encoding: chunked'],
      body: 'hello',
    },
  ),
  passed(
    'coding: white space before it',
    'RFC 9112 5.1',
    `${post('Transfer-Encoding:\t chunked')}${chunks('hello')}`,
    { body: 'hello' },
  ),
  refused(
    'coding: white space behind it',
    'RFC 9112 5.1 allows it; Node’s parser is stricter, which is no danger',
    400,
    `${post('Transfer-Encoding: chunked \t')}${chunks('hello')}`,
  ),
  brokenBody('length: the client ends before', `RFC 9112 8`, `${post('Content-Length: 10')}hello`, 'fin'),
].map((one) =>
  // Nobody is there to be answered any more; whether an answer is tried is free.
  one.name === 'length: the client ends before'
    ? { ...one, expect: { ...one.expect, client: [], end: 'cut' as const } }
    : one,
);
