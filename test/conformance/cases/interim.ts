/** RFC 9110, sections 10.1.1 and 15.2: Expect, 100 and the other answers before the answer. */
import type { Case, ExpectedResponse } from '../support/case.ts';
import { answered, ask, get, head, ok, post, refused, replies } from '../support/case.ts';

const OK: ExpectedResponse = { status: 200, body: 'ok' };
const EXPECTS = post('Content-Length: 5', 'Expect: 100-continue');
const CONTINUE = head('HTTP/1.1 100 Continue');

export const interim: readonly Case[] = [
  {
    name: 'expect: 100 comes from the upstream',
    why: 'RFC 9110 10.1.1: a proxy forwards it',
    client: [EXPECTS, { clientHas: '100 Continue\r\n\r\n' }, 'hello'],
    upstream: [[CONTINUE, 'whole', ok('ok')]],
    expect: {
      upstream: [{ has: ['Expect: 100-continue'], body: 'hello' }],
      client: [{ status: 100 }, OK],
      end: 'kept',
    },
  },
  {
    name: 'expect: 100 for chunks',
    why: 'RFC 9110 10.1.1',
    client: [
      post('Transfer-Encoding: chunked', 'Expect: 100-Continue'),
      { clientHas: '100 Continue\r\n\r\n' },
      '5\r\nhello\r\n0\r\n\r\n',
    ],
    upstream: [[CONTINUE, 'whole', ok('ok')]],
    expect: { upstream: [{ body: 'hello' }], client: [{ status: 100 }, OK], end: 'kept' },
  },
  {
    name: 'expect: the client does not wait',
    why: 'RFC 9110 10.1.1: it may',
    client: [`${EXPECTS}hello`],
    upstream: [replies(ok('ok'))],
    expect: { upstream: [{ body: 'hello' }], client: [OK], end: 'kept' },
  },
  {
    name: 'expect: the upstream refuses; the body never comes',
    why: 'RFC 9110 10.1.1: a final status instead of 100',
    client: [EXPECTS],
    upstream: [[head('HTTP/1.1 413 Too large', 'Content-Length: 0', 'Connection: close')]],
    expect: { upstream: [{ body: '', cut: true }], client: [{ status: 413 }], end: 'cut' },
  },
  {
    name: 'expect: the upstream answers with 200 before the body',
    why: 'RFC 9110 10.1.1: what may follow is not the next request',
    client: [EXPECTS, { clientHas: 'ok' }],
    upstream: [[ok('ok')]],
    expect: { upstream: [{ body: '', cut: true }], client: [OK], end: 'cut' },
  },
  {
    name: 'expect: 100-continue without a body',
    why: 'RFC 9110 10.1.1: to be ignored',
    client: [get('Expect: 100-continue')],
    upstream: [replies(ok('ok'))],
    expect: { upstream: [{ line: 'GET / HTTP/1.1' }], client: [OK], end: 'kept' },
  },
  {
    name: 'expect: of HTTP/1.0 is ignored',
    why: 'RFC 9110 10.1.1: must ignore it',
    client: [`${ask('POST / HTTP/1.0', 'Content-Length: 5', 'Expect: 100-continue')}hello`],
    upstream: [[CONTINUE, 'whole', ok('ok')]],
    expect: { upstream: [{ body: 'hello' }], client: [OK], end: 'closed' },
  },
  refused('expect: something else', 'RFC 9110 10.1.1: 417', 417, post('Content-Length: 5', 'Expect: 200-ok')),
  refused(
    'expect: 100-continue and something else',
    'RFC 9110 10.1.1',
    417,
    post('Content-Length: 5', 'Expect: 100-continue, x'),
  ),
  refused(
    'expect: two lines that differ',
    'RFC 9110 10.1.1',
    417,
    post('Content-Length: 5', 'Expect: 100-continue', 'Expect: x'),
  ),
  {
    name: 'interim: 103 goes through',
    why: 'RFC 8297; RFC 9110 15.2: a proxy must forward',
    client: [get()],
    upstream: [replies(head('HTTP/1.1 103 Early Hints', 'Link: </a>; rel=preload', 'Link: </b>'), ok('ok'))],
    expect: {
      upstream: [{}],
      client: [{ status: 103, has: ['Link: </a>; rel=preload', 'Link: </b>'] }, OK],
      end: 'kept',
    },
  },
  {
    name: 'interim: 103 comes before the answer is there',
    why: 'RFC 9110 15.2',
    client: [get(), { clientHas: '103' }],
    upstream: [replies(head('HTTP/1.1 103 Early Hints', 'Link: </a>'), { clientHas: '</a>\r\n' }, ok('ok'))],
    expect: { upstream: [{}], client: [{ status: 103 }, OK], end: 'kept' },
  },
  {
    name: 'interim: several',
    why: 'RFC 9110 15.2: one or more',
    client: [get()],
    upstream: [
      replies(
        head('HTTP/1.1 102 Processing') +
          head('HTTP/1.1 103 Early Hints', 'Link: <a>') +
          head('HTTP/1.1 103 Early Hints', 'Link: <b>') +
          ok('ok'),
      ),
    ],
    expect: {
      upstream: [{}],
      client: [{ status: 102 }, { status: 103, has: ['Link: <a>'] }, { status: 103, has: ['Link: <b>'] }, OK],
      end: 'kept',
    },
  },
  {
    name: 'interim: none for HTTP/1.0',
    why: 'RFC 9110 15.2: must not be sent',
    client: [head('GET / HTTP/1.0', 'Host: a')],
    upstream: [replies(head('HTTP/1.1 103 Early Hints', 'Link: </a>'), ok('ok'))],
    expect: { upstream: [{}], client: [OK], end: 'closed' },
  },
  {
    name: 'interim: hop-by-hop lines of a 103 end here',
    why: 'RFC 9110 7.6.1',
    client: [get()],
    upstream: [
      replies(
        head('HTTP/1.1 103 Early Hints', 'Link: </a>', 'Connection: X-A', 'X-A: 1', 'Keep-Alive: 5'),
        ok('ok'),
      ),
    ],
    expect: {
      upstream: [{}],
      client: [{ status: 103, has: ['Link: </a>'], lacks: ['x-a', 'keep-alive', 'connection'] }, OK],
      end: 'kept',
    },
  },
  {
    name: 'interim: a 103 with a length has no body',
    why: 'RFC 9112 6.3: 1xx ends with its head',
    client: [get()],
    upstream: [replies(head('HTTP/1.1 103 Early Hints', 'Content-Length: 10') + ok('ok'))],
    expect: { upstream: [{}], client: [{ status: 103 }, OK], end: 'kept' },
  },
  {
    name: 'interim: 103 and then the end',
    why: 'RFC 9112 8: no final answer',
    client: [post()],
    upstream: [replies(head('HTTP/1.1 103 Early Hints'), 'fin')],
    expect: { upstream: [{}], client: [{ status: 103 }, { status: 502 }], end: 'clean' },
  },
  answered(
    'interim: 101 that nobody asked for',
    'balancing.md 9: 502',
    replies(head('HTTP/1.1 101 Switching Protocols', 'Connection: upgrade', 'Upgrade: websocket')),
    { status: 502 },
    'clean',
  ),
];
