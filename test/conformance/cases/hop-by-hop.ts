/** RFC 9110, section 7.6.1: headers about one connection end here, and before the balancer writes its own. */
import type { Case } from '../support/case.ts';
import { answered, ask, get, head, ok, passed, replies } from '../support/case.ts';

const goes = (name: string, lines: readonly string[], lacks: readonly string[]): Case =>
  passed(`hop: ${name}`, 'RFC 9110 7.6.1', get(...lines, 'X-Last: 1'), { has: ['X-Last: 1'], lacks });

const stays = (name: string, named: string, line: string): Case =>
  passed(
    `hop: Connection cannot delete ${name}`,
    'balancing.md 7: framing, routing and who the client is',
    get(`Connection: ${named}`, line),
    { has: [line] },
  );

const removed = (name: string, lines: readonly string[], lacks: readonly string[]): Case =>
  answered(`hop: answer: ${name}`, 'RFC 9110 7.6.1', replies(ok('ok', ...lines, 'X-Last: 1')), {
    status: 200,
    has: ['X-Last: 1'],
    lacks,
    body: 'ok',
  });

export const hopByHop: readonly Case[] = [
  goes('what Connection names', ['Connection: X-A', 'X-A: 1'], ['x-a']),
  goes('what Connection names in another case', ['connection: x-a', 'X-A: 1', 'x-A: 2'], ['x-a']),
  goes('a list in Connection', ['Connection: X-A ,, x-b,keep-alive', 'X-A: 1', 'X-B: 2'], ['x-a', 'x-b']),
  goes('two lines of Connection', ['Connection: X-A', 'X-A: 1', 'Connection: X-B', 'X-B: 1'], ['x-a', 'x-b']),
  goes('what comes before its Connection', ['X-A: 1', 'Connection: X-A'], ['x-a']),
  goes('Keep-Alive', ['Keep-Alive: timeout=5'], ['keep-alive']),
  goes('Proxy-Connection', ['Proxy-Connection: keep-alive'], ['proxy-connection']),
  goes('Proxy-Authorization', ['Proxy-Authorization: Basic eDp5'], ['proxy-authorization']),
  goes('TE', ['TE: gzip', 'Connection: TE'], ['te']),
  goes('TE without Connection', ['TE: deflate;q=0.5'], ['te']),
  goes('Upgrade that Connection does not name', ['Upgrade: websocket'], ['upgrade']),
  goes('HTTP2-Settings alone', ['HTTP2-Settings: AAMAAABk'], ['http2-settings']),
  /** Node's parser ends at any Upgrade that Connection names, so the connection does as well. */
  ...[
    goes('Upgrade to something else', ['Connection: upgrade', 'Upgrade: foo/2'], ['upgrade']),
    goes(
      'h2c',
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
      ['upgrade', 'http2-settings'],
    ),
  ].map((one) => ({ ...one, expect: { ...one.expect, end: 'clean' as const } })),
  passed(
    'hop: TE: trailers is kept',
    'RFC 9110 10.1.4: and TE stands in Connection',
    get('TE: trailers', 'Connection: TE'),
    {
      has: ['TE: trailers'],
    },
  ),
  passed(
    'hop: trailers of a longer TE are kept',
    'RFC 9110 10.1.4',
    get('TE: gzip, trailers', 'Connection: TE'),
    {
      has: ['TE: trailers'],
    },
  ),
  passed(
    'hop: Connection cannot delete X-Forwarded-For',
    'CVE-2024-45410: the balancer’s own comes afterwards',
    get('Connection: X-Forwarded-For, X-Forwarded-Proto, X-Real-IP, Via', 'X-Forwarded-For: 6.6.6.6'),
    {
      has: ['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Proto: http', 'X-Real-IP: 127.0.0.1'],
      lacks: ['X-Forwarded-For: 6.6.6.6'],
    },
  ),
  passed('hop: Connection cannot delete Host', 'balancing.md 7', get('Connection: Host'), {
    has: ['Host: a'],
  }),
  passed(
    'hop: Connection cannot delete Content-Length',
    'RFC 9112 6: it frames',
    `${ask('POST / HTTP/1.1', 'Connection: Content-Length', 'Content-Length: 5')}hello`,
    { has: ['Content-Length: 5'], body: 'hello' },
  ),
  passed(
    'hop: Connection cannot delete Transfer-Encoding',
    'RFC 9112 6: it frames',
    `${ask('POST / HTTP/1.1', 'Connection: Transfer-Encoding', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
    { body: 'hello' },
  ),
  stays('Cookie', 'Cookie', 'Cookie: a=1'),
  stays('Authorization', 'authorization', 'Authorization: Basic eDp5'),
  stays('Content-Type', 'Content-Type', 'Content-Type: text/plain'),
  removed('what Connection names', ['Connection: X-A', 'X-A: 1'], ['x-a']),
  removed('Keep-Alive', ['Keep-Alive: timeout=77'], ['Keep-Alive: timeout=77']),
  removed('Proxy-Connection', ['Proxy-Connection: close'], ['proxy-connection']),
  removed('Proxy-Authenticate', ['Proxy-Authenticate: Basic'], ['proxy-authenticate']),
  removed('Upgrade', ['Upgrade: h2c', 'Connection: upgrade'], ['upgrade']),
  removed('Alt-Svc', ['Alt-Svc: h3=":443"'], ['alt-svc']),
  removed('TE', ['TE: trailers'], ['te']),
  answered(
    'hop: answer: Connection cannot delete Set-Cookie',
    'balancing.md 7',
    replies(ok('ok', 'Connection: Set-Cookie, Content-Length', 'Set-Cookie: a=1')),
    { status: 200, has: ['Set-Cookie: a=1'], body: 'ok' },
  ),
  answered(
    'hop: answer: Connection: close is the upstream’s alone',
    'RFC 9110 7.6.1; RFC 9112 9.6',
    replies(ok('ok', 'Connection: close'), 'fin'),
    { status: 200, lacks: ['Connection: close'], body: 'ok' },
  ),
  passed(
    'hop: Connection: keep-alive goes',
    'RFC 9110 7.6.1',
    head('GET / HTTP/1.1', 'Host: a', 'Connection: keep-alive', 'Keep-Alive: timeout=1'),
    { lacks: ['keep-alive'] },
  ),
];
