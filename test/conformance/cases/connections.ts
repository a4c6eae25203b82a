/** RFC 9112, section 9: connections that stay, requests that follow each other, and who closes. */
import type { Case, ExpectedResponse } from '../support/case.ts';
import { ask, chunks, get, head, ok, post, replies } from '../support/case.ts';

const OK: ExpectedResponse = { status: 200, body: 'ok' };
const to = (path: string, ...lines: readonly string[]): string => ask(`GET ${path} HTTP/1.1`, ...lines);

const stays = (
  name: string,
  request: string,
  end: 'kept' | 'closed',
  response: ExpectedResponse = OK,
): Case => ({
  name: `connection: ${name}`,
  why: 'RFC 9112 9.3',
  client: [request],
  expect: { upstream: [{ line: 'GET / HTTP/1.1' }], client: [response], end },
});

export const connections: readonly Case[] = [
  stays('HTTP/1.1 stays', get(), 'kept', { ...OK, lacks: ['Connection: close'] }),
  stays('close', get('Connection: close'), 'closed', { ...OK, has: ['Connection: close'] }),
  stays('Close in another case', get('Connection: cLoSe'), 'closed'),
  stays('close in a list', get('Connection: keep-alive, close'), 'closed'),
  stays('close in a second line', get('Connection: keep-alive', 'Connection: close'), 'closed'),
  stays('keep-alive is nothing new to HTTP/1.1', get('Connection: keep-alive'), 'kept'),
  stays('HTTP/1.0 closes', head('GET / HTTP/1.0', 'Host: a'), 'closed'),
  stays(
    'HTTP/1.0 with keep-alive stays',
    head('GET / HTTP/1.0', 'Host: a', 'Connection: keep-alive'),
    'kept',
    {
      ...OK,
      has: ['Connection: keep-alive'],
    },
  ),
  stays(
    'HTTP/1.0 with keep-alive and close closes',
    head('GET / HTTP/1.0', 'Host: a', 'Connection: keep-alive, close'),
    'closed',
  ),
  stays(
    'HTTP/1.0 with Keep-Alive alone closes',
    head('GET / HTTP/1.0', 'Host: a', 'Keep-Alive: timeout=5'),
    'closed',
  ),
  {
    name: 'connection: the client says FIN while the upstream thinks: it has left',
    why: 'RFC 9112 9.6 leaves it open; as nginx and Node’s own server take it',
    client: [get(), { upstreamHas: '\r\n\r\n' }, 'fin', 'upstream-ended'],
    upstream: [['whole', 'upstream-ended']],
    expect: { upstream: [{}], client: [], end: 'cut' },
  },
  {
    name: 'connection: the client ends without a request',
    why: 'RFC 9112 9.5',
    client: ['fin'],
    expect: { upstream: 'nothing', client: [], end: 'closed' },
  },
  {
    name: 'connection: the client ends in the middle of a head',
    why: 'RFC 9112 8',
    client: ['GET / HTTP/1.1\r\nHost: a\r\nX-', 'fin'],
    expect: { upstream: 'nothing', client: [], end: 'any' },
  },
  {
    name: 'connection: the client leaves while the upstream thinks',
    why: 'RFC 9112 9.6; what nobody waits for is not worked on',
    client: [get(), { upstreamHas: '\r\n\r\n' }, 'reset'],
    upstream: [['whole', 'upstream-ended']],
    expect: { upstream: [{}], client: [], end: 'any' },
  },
  {
    name: 'connection: two requests, one upstream connection',
    why: 'RFC 9112 9.3',
    client: [get(), { clientHas: 'ok' }, to('/2')],
    expect: {
      upstream: [{ line: 'GET / HTTP/1.1' }, { line: 'GET /2 HTTP/1.1' }],
      client: [OK, OK],
      end: 'kept',
      over: [0, 0],
    },
  },
  {
    name: 'connection: POST, then GET over the same upstream connection',
    why: 'RFC 9112 9.3',
    client: [`${post('Content-Length: 5')}hello`, { clientHas: 'ok' }, to('/2')],
    expect: {
      upstream: [{ body: 'hello' }, { line: 'GET /2 HTTP/1.1', body: '' }],
      client: [OK, OK],
      end: 'kept',
      over: [0, 0],
    },
  },
  {
    name: 'connection: chunks, then GET over the same upstream connection',
    why: 'RFC 9112 9.3',
    client: [`${post('Transfer-Encoding: chunked')}${chunks('hello')}`, { clientHas: 'ok' }, to('/2')],
    expect: { upstream: [{ body: 'hello' }, { body: '' }], client: [OK, OK], end: 'kept', over: [0, 0] },
  },
  {
    name: 'connection: the upstream closes behind its answer; the next request takes another',
    why: 'RFC 9112 9.6',
    client: [get(), { clientHas: 'ok' }, 'upstream-ended', to('/2')],
    upstream: [replies(ok('ok'), 'fin')],
    expect: { upstream: [{}, { line: 'GET /2 HTTP/1.1' }], client: [OK, OK], end: 'kept', over: [0, 1] },
  },
  {
    name: 'connection: the upstream breaks an idle one; the next POST takes another',
    why: 'balancing.md 4: idle connections are watched',
    client: [get(), { clientHas: 'ok' }, 'upstream-ended', post('Content-Length: 0')],
    upstream: [replies(ok('ok'), 'reset')],
    expect: { upstream: [{}, { line: 'POST / HTTP/1.1' }], client: [OK, OK], end: 'kept', over: [0, 1] },
  },
  {
    name: 'connection: the upstream says close; the next request takes another',
    why: 'RFC 9112 9.6',
    client: [get(), { clientHas: 'ok' }, to('/2')],
    upstream: [replies(ok('ok', 'Connection: close'))],
    expect: { upstream: [{}, {}], client: [OK, OK], end: 'kept', over: [0, 1] },
  },
  {
    name: 'connection: the upstream speaks HTTP/1.0; the next request takes another',
    why: 'RFC 9112 9.3',
    client: [get(), { clientHas: 'ok' }, to('/2')],
    upstream: [replies('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok')],
    expect: { upstream: [{}, {}], client: [OK, OK], end: 'kept', over: [0, 1] },
  },
  {
    name: 'connection: bytes behind a complete answer are nobody’s answer',
    why: 'RFC 9112 9.2; balancing.md 4',
    client: [get(), { clientHas: 'ok' }, to('/2')],
    upstream: [replies(`${ok('ok')}${ok('poison')}`), replies(ok('mine'))],
    expect: { upstream: [{}, {}], client: [OK, { status: 200, body: 'mine' }], end: 'kept', over: [0, 1] },
  },
  {
    name: 'connection: bytes on an idle upstream connection are nobody’s answer',
    why: 'balancing.md 4: any byte there ends it',
    client: [get(), { clientHas: 'ok' }, 'upstream-ended', to('/2')],
    upstream: [replies(ok('ok'), { clientHas: 'ok' }, ok('poison'), 'upstream-ended'), replies(ok('mine'))],
    expect: { upstream: [{}, {}], client: [OK, { status: 200, body: 'mine' }], end: 'kept', over: [0, 1] },
  },
  {
    name: 'pipeline: answers in the order of the requests',
    why: 'RFC 9112 9.3.2',
    client: [to('/1') + to('/2') + to('/3')],
    upstream: [replies(ok('one')), replies(ok('two')), replies(ok('three'))],
    expect: {
      upstream: [{ line: 'GET /1 HTTP/1.1' }, { line: 'GET /2 HTTP/1.1' }, { line: 'GET /3 HTTP/1.1' }],
      client: [
        { status: 200, body: 'one' },
        { status: 200, body: 'two' },
        { status: 200, body: 'three' },
      ],
      end: 'kept',
    },
  },
  {
    name: 'pipeline: bodies between',
    why: 'RFC 9112 9.3.2',
    client: [
      `${post('Content-Length: 5')}hello${to('/2')}${post('Transfer-Encoding: chunked')}${chunks('a', 'b')}${to('/4')}`,
    ],
    expect: {
      upstream: [
        { line: 'POST / HTTP/1.1', body: 'hello' },
        { line: 'GET /2 HTTP/1.1', body: '' },
        { line: 'POST / HTTP/1.1', body: 'ab' },
        { line: 'GET /4 HTTP/1.1', body: '' },
      ],
      client: [OK, OK, OK, OK],
      end: 'kept',
    },
  },
  {
    name: 'pipeline: HEAD between',
    why: 'RFC 9112 6.3: no body behind HEAD',
    client: [to('/1') + ask('HEAD /2 HTTP/1.1') + to('/3')],
    upstream: [
      replies(ok('one')),
      replies(head('HTTP/1.1 200 OK', 'Content-Length: 99')),
      replies(ok('three')),
    ],
    methods: ['GET', 'HEAD', 'GET'],
    expect: {
      upstream: [{}, { line: 'HEAD /2 HTTP/1.1' }, {}],
      client: [
        { status: 200, body: 'one' },
        { status: 200, has: ['Content-Length: 99'], body: '' },
        { status: 200, body: 'three' },
      ],
      end: 'kept',
    },
  },
  {
    name: 'pipeline: twenty at once',
    why: 'RFC 9112 9.3.2',
    client: [Array.from({ length: 20 }, (_, at) => to(`/${at}`)).join('')],
    upstream: Array.from({ length: 20 }, (_, at) => replies(ok(`body ${at}`))),
    expect: {
      upstream: Array.from({ length: 20 }, (_, at) => ({ line: `GET /${at} HTTP/1.1` })),
      client: Array.from({ length: 20 }, (_, at) => ({ status: 200, body: `body ${at}` })),
      end: 'kept',
    },
  },
  {
    name: 'pipeline: the second comes cut in two',
    why: 'RFC 9112 9.3.2',
    client: [`${to('/1')}GET /2 HT`, { clientHas: 'ok' }, 'TP/1.1\r\nHost: a\r\n\r\n'],
    expect: { upstream: [{}, { line: 'GET /2 HTTP/1.1' }], client: [OK, OK], end: 'kept' },
  },
  {
    name: 'pipeline: nonsense behind a good one',
    why: 'RFC 9112 2.2: the good one is answered, then 400 and the end',
    client: [`${to('/1')}nonsense\r\n\r\n`],
    expect: { upstream: [{ line: 'GET /1 HTTP/1.1' }], client: [OK, { status: 400 }], end: 'closed' },
  },
  {
    name: 'pipeline: a request without Host behind a good one',
    why: 'RFC 9112 3.2',
    client: [to('/1') + head('GET /2 HTTP/1.1') + to('/3')],
    expect: { upstream: [{ line: 'GET /1 HTTP/1.1' }], client: [OK, { status: 400 }], end: 'closed' },
  },
  {
    name: 'pipeline: smuggling behind a good one',
    why: 'RFC 9112 11.2',
    client: [
      `${to('/1')}${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${to('/smuggled')}`,
    ],
    expect: { upstream: [{ line: 'GET /1 HTTP/1.1' }], client: [OK, { status: 400 }], end: 'closed' },
  },
  {
    name: 'pipeline: nothing behind a refused one',
    why: 'RFC 9112 6.3: nobody knows where it would begin',
    client: [`${post('Content-Length: 1, 2')}${to('/smuggled')}${to('/smuggled')}`],
    expect: { upstream: 'nothing', client: [{ status: 400 }], end: 'closed' },
  },
  {
    name: 'pipeline: nothing behind Connection: close',
    why: 'RFC 9112 9.6: must not process what comes behind',
    client: [to('/1', 'Connection: close') + to('/2')],
    expect: { upstream: [{ line: 'GET /1 HTTP/1.1' }], client: [OK], end: 'closed' },
  },
  {
    name: 'pipeline: nothing behind HTTP/1.0',
    why: 'RFC 9112 9.3',
    client: [head('GET /1 HTTP/1.0', 'Host: a') + to('/2')],
    expect: { upstream: [{ line: 'GET /1 HTTP/1.1' }], client: [OK], end: 'closed' },
  },
  {
    name: 'pipeline: an empty line between',
    why: 'RFC 9112 2.2: old clients put one behind a body',
    client: [`${post('Content-Length: 5')}hello\r\n${to('/2')}`],
    expect: { upstream: [{ body: 'hello' }, { line: 'GET /2 HTTP/1.1' }], client: [OK, OK], end: 'kept' },
  },
  {
    name: 'pipeline: a body that is longer than its length',
    why: 'RFC 9112 6.3: the rest is no request',
    client: [`${post('Content-Length: 5')}helloworld\r\n\r\n`],
    expect: { upstream: [{ body: 'hello' }], client: [OK, { status: 400 }], end: 'closed' },
  },
  {
    name: 'pipeline: the first answer breaks, nothing follows it',
    why: 'RFC 9112 8',
    client: [to('/1') + to('/2')],
    upstream: [replies('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', 'fin')],
    expect: {
      upstream: [{ line: 'GET /1 HTTP/1.1' }],
      client: [{ status: 200, body: 'hello', cut: true }],
      end: 'cut',
    },
  },
];
