/** What upstreams are told about the client, and who may say something about it. */
import type { Case } from '../support/case.ts';
import { get, head, ok, passed, replies } from '../support/case.ts';

const FORGED = '6.6.6.6';

const forged = (line: string): Case =>
  passed(`forwarded: a stranger’s ${line.split(':')[0]} goes`, 'balancing.md 7: in any spelling', get(line), {
    lacks: [line],
    has: ['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Proto: http', 'X-Real-IP: 127.0.0.1'],
  });

const trusting = (one: Case): Case => ({ ...one, setup: 'trusting' });

export const forwarded: readonly Case[] = [
  passed('forwarded: what an upstream is told', 'balancing.md 7', head('GET / HTTP/1.1', 'Host: a:81'), {
    has: [
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: a:81',
      'X-Real-IP: 127.0.0.1',
      'Via: 1.1 skein',
    ],
    lacks: ['forwarded'],
  }),
  passed('forwarded: Via is added to', 'RFC 9110 7.6.3', get('Via: 1.0 fred'), {
    has: ['Via: 1.0 fred', 'Via: 1.1 skein'],
  }),
  passed(
    'forwarded: Via says how it came',
    'RFC 9110 7.6.3: the protocol it was received in',
    head('GET / HTTP/1.0', 'Host: a', 'Connection: keep-alive'),
    { has: ['Via: 1.0 skein'] },
  ),
  ...[
    `X-Forwarded-For: ${FORGED}`,
    `x-forwarded-for: ${FORGED}`,
    `X_Forwarded_For: ${FORGED}`,
    `X_FORWARDED-FOR: ${FORGED}`,
    'X-Forwarded-Proto: https',
    'X_Forwarded_Proto: https',
    'X-Forwarded-Host: evil',
    'X-Forwarded_Host: evil',
    'X-Forwarded-Port: 443',
    'X-Forwarded-Server: evil',
    'X-Forwarded-Prefix: /evil',
    'X-Forwarded-User: root',
    'X-Forwarded-Tls-Client-Cert: x',
    `X-Real-IP: ${FORGED}`,
    `X_Real_IP: ${FORGED}`,
    `Forwarded: for=${FORGED}`,
  ].map(forged),
  passed(
    'forwarded: several forged lines go',
    'balancing.md 7',
    get(`X-Forwarded-For: ${FORGED}`, 'X-Forwarded-For: 7.7.7.7, 8.8.8.8'),
    {
      has: ['X-Forwarded-For: 127.0.0.1'],
      lacks: [`X-Forwarded-For: ${FORGED}`, 'X-Forwarded-For: 7.7.7.7, 8.8.8.8'],
    },
  ),
  passed('forwarded: a stranger’s request id is not taken', 'balancing.md 11', get('X-Request-Id: forged'), {
    lacks: ['X-Request-Id: forged', 'x-request-id: forged'],
  }),
  passed(
    'forwarded: a stranger’s request id is not taken with underscores either',
    'balancing.md 7',
    get('X_Request_Id: forged'),
    { lacks: ['X_Request_Id: forged'] },
  ),
  trusting(
    passed(
      'forwarded: a trusted proxy’s chain is added to',
      'balancing.md 7',
      get('X-Forwarded-For: 192.0.2.1', 'X-Forwarded-For: 192.0.2.2', 'X-Forwarded-Proto: https'),
      {
        has: [
          'X-Forwarded-For: 192.0.2.1, 192.0.2.2, 127.0.0.1',
          'X-Forwarded-Proto: https',
          'X-Real-IP: 192.0.2.2',
        ],
      },
    ),
  ),
  trusting(
    passed(
      'forwarded: IPv6 in a trusted chain',
      'RFC 7239 6 for Forwarded',
      get('X-Forwarded-For: 2001:db8::1', 'Forwarded: for="[2001:db8::1]:4711"'),
      {
        has: [
          'X-Forwarded-For: 2001:db8::1, 127.0.0.1',
          'X-Real-IP: 2001:db8::1',
          'Forwarded: for="[2001:db8::1]:4711", for=127.0.0.1;host=a;proto=http',
        ],
      },
    ),
  ),
  trusting(
    passed(
      'forwarded: an underscore goes, even from a trusted proxy',
      'balancing.md 7',
      get(`X_Forwarded_For: ${FORGED}`),
      {
        lacks: [`X_Forwarded_For: ${FORGED}`],
        has: ['X-Forwarded-For: 127.0.0.1'],
      },
    ),
  ),
  trusting(
    passed(
      'forwarded: a trusted proxy’s host and port stay',
      'balancing.md 7: set if absent',
      get('X-Forwarded-Host: shop.example', 'X-Forwarded-Port: 443'),
      { has: ['X-Forwarded-Host: shop.example', 'X-Forwarded-Port: 443'] },
    ),
  ),
  trusting(
    passed(
      'forwarded: Forwarded, as asked for',
      'RFC 7239 4: host quoted when it is no token',
      head('GET / HTTP/1.1', 'Host: a:81'),
      {
        has: ['Forwarded: for=127.0.0.1;host="a:81";proto=http'],
      },
    ),
  ),
  trusting(
    passed(
      'forwarded: a trusted proxy’s request id stays',
      'balancing.md 11',
      get('X-Request-Id: from-the-edge'),
      {
        has: ['x-request-id: from-the-edge'],
      },
    ),
  ),
  trusting(
    passed(
      'forwarded: nonsense in a trusted chain',
      'balancing.md 7: the last known is the client',
      get('X-Forwarded-For: unknown, x y'),
      {
        has: ['X-Real-IP: 127.0.0.1'],
      },
    ),
  ),
  {
    name: 'forwarded: a loop is seen',
    why: 'RFC 9110 7.6.3: Via',
    client: [get('Via: 1.1 skein')],
    expect: { upstream: 'nothing', client: [{ status: [400, 502, 508] }], end: 'clean' },
  },
  {
    name: 'forwarded: an upstream’s X-Forwarded-For is an answer’s header as any',
    why: 'RFC 9110 6.3',
    client: [get()],
    upstream: [replies(ok('ok', 'X-Forwarded-For: 1.2.3.4'))],
    expect: {
      upstream: [{}],
      client: [{ status: 200, has: ['X-Forwarded-For: 1.2.3.4'], body: 'ok' }],
      end: 'kept',
    },
  },
];
