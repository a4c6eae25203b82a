/** RFC 9110, section 7.8; balancing.md, section 9: a tunnel only after the upstream's 101. */
import type { Case, ExpectedResponse } from '../support/case.ts';
import { ask, get, head, ok, refused, replies } from '../support/case.ts';

const OK: ExpectedResponse = { status: 200, body: 'ok' };
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];
const UPGRADE = get(...WEBSOCKET);
const SWITCHED = head(
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: eQ==',
);
const IS_101: ExpectedResponse = {
  status: 101,
  has: ['Upgrade: websocket', 'Sec-WebSocket-Accept: eQ=='],
  lacks: ['content-length', 'transfer-encoding'],
};

/** Passed on as any other request. */
const plain = (name: string, why: string, request: string, line = 'GET / HTTP/1.1'): Case => ({
  name: `upgrade: ${name}`,
  why,
  client: [request],
  expect: { upstream: [{ line, lacks: ['upgrade'] }], client: [OK], end: 'clean' },
});

export const upgrades: readonly Case[] = [
  {
    name: 'upgrade: bytes go both ways',
    why: 'RFC 9110 7.8',
    client: [
      UPGRADE,
      { clientHas: '101' },
      'ping',
      { clientHas: 'pong' },
      'bye',
      { upstreamHas: 'bye' },
      'reset',
    ],
    upstream: [replies(SWITCHED, { upstreamHas: 'ping' }, 'pong')],
    expect: {
      upstream: [
        {
          line: 'GET / HTTP/1.1',
          has: [
            'Upgrade: websocket',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
            'Sec-WebSocket-Version: 13',
            'X-Forwarded-For: 127.0.0.1',
          ],
        },
      ],
      client: [IS_101],
      end: 'any',
      tunnel: { client: 'pong', upstream: 'pingbye' },
    },
  },
  {
    name: 'upgrade: bytes behind both heads are not lost',
    why: 'balancing.md 9',
    client: [`${UPGRADE}early`, { clientHas: 'soon' }, 'later', { upstreamHas: 'later' }, 'reset'],
    upstream: [replies(`${SWITCHED}soon`)],
    expect: {
      upstream: [{}],
      client: [IS_101],
      end: 'any',
      tunnel: { client: 'soon', upstream: 'earlylater' },
    },
  },
  {
    name: 'upgrade: bytes behind the head reach nobody before the 101',
    why: 'CVE-2026-2833; balancing.md 9: not on the request alone',
    client: [`${UPGRADE}${ask('GET /smuggled HTTP/1.1')}`],
    upstream: [replies(head('HTTP/1.1 403 No', 'Content-Length: 0'))],
    expect: { upstream: [{ line: 'GET / HTTP/1.1' }], client: [{ status: 403 }], end: 'cut' },
  },
  {
    name: 'upgrade: the client’s FIN goes through, and the answer still comes',
    why: 'balancing.md 9: half-close',
    client: [UPGRADE, { clientHas: '101' }, 'ping', 'fin', { clientHas: 'late' }],
    upstream: [replies(SWITCHED, { upstreamHas: 'ping' }, 'upstream-ended', 'late', 'fin')],
    expect: { upstream: [{}], client: [IS_101], end: 'closed', tunnel: { client: 'late', upstream: 'ping' } },
  },
  {
    name: 'upgrade: the upstream’s FIN goes through, and the client may still speak',
    why: 'balancing.md 9: half-close',
    client: [UPGRADE, { clientHas: 'bye' }, 'client-ended', 'late', { upstreamHas: 'late' }, 'fin'],
    upstream: [replies(SWITCHED, 'bye', 'fin')],
    expect: { upstream: [{}], client: [IS_101], end: 'closed', tunnel: { client: 'bye', upstream: 'late' } },
  },
  {
    name: 'upgrade: the upstream breaks the tunnel',
    why: 'balancing.md 9: the other side ends',
    client: [UPGRADE, { clientHas: '101' }],
    upstream: [replies(SWITCHED, { clientHas: 'Accept' }, 'reset')],
    expect: { upstream: [{}], client: [IS_101], end: 'cut' },
  },
  {
    name: 'upgrade: the client breaks the tunnel',
    why: 'balancing.md 9',
    client: [UPGRADE, { clientHas: '101' }, 'reset', 'upstream-ended'],
    upstream: [replies(SWITCHED, 'upstream-ended')],
    expect: { upstream: [{}], client: [IS_101], end: 'any' },
  },
  {
    name: 'upgrade: declined with 200',
    why: 'RFC 9110 7.8: an answer as any',
    client: [UPGRADE],
    upstream: [replies(ok('ok'))],
    expect: { upstream: [{}], client: [OK], end: 'clean' },
  },
  {
    name: 'upgrade: declined with chunks, which stay framed',
    why: 'balancing.md 9: framed anew',
    client: [UPGRADE],
    upstream: [
      replies(
        `${head('HTTP/1.1 426 X', 'Upgrade: websocket', 'Connection: upgrade', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
      ),
    ],
    expect: { upstream: [{}], client: [{ status: 426, body: 'hello' }], end: 'clean' },
  },
  {
    name: 'upgrade: declined, cut',
    why: 'RFC 9112 8',
    client: [UPGRADE],
    upstream: [
      replies(`${head('HTTP/1.1 400 X', 'Content-Length: 10')}hello`, { clientHas: 'hello' }, 'fin'),
    ],
    expect: { upstream: [{}], client: [{ status: 400, body: 'hello', cut: true }], end: 'cut' },
  },
  {
    name: 'upgrade: closed before an answer is not tried again',
    why: 'balancing.md 3: never for Upgrade',
    client: [UPGRADE],
    upstream: [replies('fin')],
    expect: { upstream: [{}], client: [{ status: 502 }], end: 'clean' },
  },
  {
    name: 'upgrade: hop-by-hop lines of a 101 end here',
    why: 'balancing.md 7',
    client: [UPGRADE, { clientHas: '\r\n\r\n' }, 'reset'],
    upstream: [
      replies(
        head(
          'HTTP/1.1 101 X',
          'Upgrade: websocket',
          'Connection: Upgrade, X-A',
          'X-A: 1',
          'Sec-WebSocket-Accept: eQ==',
          'Keep-Alive: 5',
          'Set-Cookie: a=1',
        ),
      ),
    ],
    expect: {
      upstream: [{}],
      client: [{ ...IS_101, has: ['Upgrade: websocket', 'Set-Cookie: a=1'], lacks: ['x-a', 'keep-alive'] }],
      end: 'any',
    },
  },
  refused(
    'upgrade: with a body of a length',
    'balancing.md 9: no body framing',
    400,
    `${get(...WEBSOCKET, 'Content-Length: 5')}hello`,
  ),
  refused(
    'upgrade: with a body of chunks',
    'balancing.md 9',
    400,
    `${get(...WEBSOCKET, 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
  ),
  plain('Upgrade that Connection does not name', 'RFC 9110 7.8', get('Upgrade: websocket')),
  plain('Connection without Upgrade', 'RFC 9110 7.8', get('Connection: upgrade')),
  plain(
    'h2c',
    'balancing.md 9: proxied as plain HTTP',
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
  ),
  plain('an unknown protocol', 'balancing.md 9: only WebSocket', get('Connection: Upgrade', 'Upgrade: foo')),
  plain('TLS', 'balancing.md 9', get('Connection: Upgrade', 'Upgrade: TLS/1.0')),
  plain('HTTP/2.0', 'balancing.md 9', get('Connection: Upgrade', 'Upgrade: HTTP/2.0')),
  plain('of HTTP/1.0', 'RFC 9110 7.8: must ignore it', head('GET / HTTP/1.0', 'Host: a', ...WEBSOCKET)),
  plain('with POST', 'balancing.md 9: GET only', ask('POST / HTTP/1.1', ...WEBSOCKET), 'POST / HTTP/1.1'),
  {
    name: 'upgrade: h2c, and the upstream says 101 all the same',
    why: 'balancing.md 9: 502',
    client: [get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk')],
    upstream: [replies(head('HTTP/1.1 101 X', 'Connection: Upgrade', 'Upgrade: h2c'))],
    expect: { upstream: [{ lacks: ['upgrade', 'http2-settings'] }], client: [{ status: 502 }], end: 'clean' },
  },
  {
    name: 'upgrade: 101 with a length is a tunnel all the same, or refused',
    why: 'RFC 9112 6.3: 1xx ends with its head',
    client: [UPGRADE, { clientHas: '\r\n\r\n' }, 'reset'],
    upstream: [
      replies(head('HTTP/1.1 101 X', 'Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 4')),
    ],
    expect: { upstream: [{}], client: [{ status: [101, 502], lacks: ['Content-Length: 4'] }], end: 'any' },
  },
];
