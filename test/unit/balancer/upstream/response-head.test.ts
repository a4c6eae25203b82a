import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Asked, UpstreamHead } from '../../../../src/balancer/upstream/response-head.ts';
import { readResponseHead } from '../../../../src/balancer/upstream/response-head.ts';
import http from '../../../../src/core/node-http.ts';

const GET: Asked = { isHead: false, upgrade: false, trailers: false };

const read = (lines: readonly string[], asked: Asked = GET): UpstreamHead | string => {
  const text = `##${lines.join('\r\n')}\r\n\r\n`;
  return readResponseHead(text, 2, text.indexOf('\r\n\r\n'), asked);
};

const good = (lines: readonly string[], asked: Asked = GET): UpstreamHead => {
  const head = read(lines, asked);
  if (typeof head === 'string') assert.fail(head);
  return head;
};

const D = 'Date: d';

test('fields stay as they are, in order, and those of the connection go', () => {
  const { status, reason, lines, bodyLength, hasBody, framing, keepAlive, keepAliveMs } = good([
    ...['HTTP/1.1 200 All is  fine', D, 'Set-Cookie: a=1', 'Connection: x-mine, Keep-Alive', 'X-Mine: 1'],
    ...['Keep-Alive: timeout=5, max=9', 'set-cookie:b=2', 'Alt-Svc: h2', 'Content-LENGTH: 3', 'X:'],
    ...['Proxy-Authenticate: a', 'Proxy-Connection: a', 'Trailer: T', 'TE: a'],
  ]);
  assert.equal(lines, 'Date: d\r\nSet-Cookie: a=1\r\nset-cookie:b=2\r\nContent-LENGTH: 3\r\nX:\r\n');
  assert.deepEqual(
    { status, reason, bodyLength, hasBody, framing, keepAlive, keepAliveMs },
    {
      status: 200,
      reason: 'All is  fine',
      bodyLength: 3,
      hasBody: true,
      framing: 'length',
      keepAlive: true,
      keepAliveMs: 5000,
    },
  );
});

test('a Date is added when there is none', () => {
  assert.match(good(['HTTP/1.1 200 OK']).lines, /^Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n$/);
});

const framings: readonly (readonly [
  framing: string,
  keepAlive: boolean,
  lines: readonly string[],
  asked?: Partial<Asked>,
])[] = [
  ['length', true, ['HTTP/1.1 200 OK', 'Content-Length: 3']],
  ['none', true, ['HTTP/1.1 200 OK', 'Content-Length: 0']],
  ['chunked', true, ['HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked']],
  ['close', false, ['HTTP/1.1 200 OK']],
  ['close', false, ['HTTP/1.0 200 OK', 'Connection: keep-alive']],
  ['length', false, ['HTTP/1.0 200 OK', 'Content-Length: 3']],
  ['length', true, ['HTTP/1.0 200 OK', 'Content-Length: 3', 'Connection: keep-alive']],
  ['length', false, ['HTTP/1.1 200 OK', 'Content-Length: 3', 'Connection: a, Close']],
  ['length', false, ['HTTP/1.1 200 OK', 'Content-Length: 3', 'Connection: keep-alive', 'Connection: close']],
  ['none', true, ['HTTP/1.1 200 OK', 'Content-Length: 3'], { isHead: true }],
  ['none', true, ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], { isHead: true }],
  ['none', true, ['HTTP/1.1 304 OK', 'Content-Length: 3']],
  ['none', true, ['HTTP/1.1 204 OK']],
  ['none', false, ['HTTP/1.1 204 OK', 'Content-Length: 3']],
  ['none', false, ['HTTP/1.1 204 OK', 'Transfer-Encoding: chunked']],
  ['none', true, ['HTTP/1.1 103 Early', 'Link: a']],
  ['none', true, ['HTTP/1.1 101 Switch', 'Upgrade: websocket'], { upgrade: true }],
  ['length', true, ['HTTP/1.1 200', 'Content-Length: 3']],
  ['length', true, ['HTTP/1.1 200 ', 'Content-Length: 3']],
];
for (const [framing, keepAlive, lines, asked] of framings)
  test(`${lines.join(' | ')} ends with ${framing}, ${keepAlive ? 'stays' : 'closes'}`, () => {
    const head = good(lines, { ...GET, ...asked });
    assert.deepEqual({ framing: head.framing, keepAlive: head.keepAlive }, { framing, keepAlive });
  });

test('a 204 has no Content-Length; a HEAD and a 304 keep theirs', () => {
  assert.doesNotMatch(good(['HTTP/1.1 204 A', D, 'Content-Length: 3']).lines, /length/i);
  assert.match(good(['HTTP/1.1 304 A', D, 'Content-Length: 3']).lines, /length/i);
  assert.match(good(['HTTP/1.1 200 A', D, 'Content-Length: 3'], { ...GET, isHead: true }).lines, /length/i);
});

test('Trailer stays for who takes trailers', () => {
  assert.match(good(['HTTP/1.1 200 A', 'Trailer: X'], { ...GET, trailers: true }).lines, /Trailer: X/);
});

const bad: readonly (readonly string[])[] = [
  ...[
    'HTTP/1.1 099 A',
    'HTTP/1.1 600 A',
    'HTTP/1.1 20 A',
    'HTTP/1.1 2000 A',
    'HTTP/1.1  200 A',
    'HTTP/2.0 200 A',
  ],
  ...[
    'HTTP/1.2 200 A',
    'http/1.1 200 A',
    ' HTTP/1.1 200 A',
    'HTTP/1.1 200A',
    'HTTP/1.1 200 a\u0001',
    'ICY 200 OK',
  ],
  ...['HTTP/1.1 2x0 A', 'HTTP/1.1 101 A', 'HTTP/1.1 +20 A', '', 'HTTP/1.1 200 a\nb'],
].map((line) => [line]);
const badFields = [
  ...[
    'Content-Length: 3|Content-Length: 3',
    'Content-Length: 3|Transfer-Encoding: chunked',
    'Content-Length: -1',
  ],
  ...[
    'Content-Length: 3, 3',
    'Content-Length:',
    'Content-Length: 1e3',
    'Content-Length: 0x3',
    'Content-Length: 9999999999999999',
  ],
  ...[
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked|Transfer-Encoding: chunked',
  ],
  ...[
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding:',
    'Content_Length: 3',
    'transfer_encoding: chunked',
  ],
  ...[
    'A : b',
    ' A: b',
    'A: b| c',
    'A',
    ': b',
    'A b: c',
    'A: b\u0000',
    'A: b\nC: d',
    'A: b\rC: d',
    'A\u00e9: b',
    'A: \u007f',
  ],
];
for (const lines of [...bad, ...badFields.map((fields) => ['HTTP/1.1 200 OK', ...fields.split('|')])])
  test(`${JSON.stringify(lines.join(' | '))} is refused`, () => {
    assert.equal(typeof read(lines), 'string');
  });
test('HTTP/1.0 with Transfer-Encoding is refused', () => {
  assert.equal(typeof read(['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked']), 'string');
});

/** Node's own parser of responses: what it refuses, nobody may read. */
const nodeAccepts = (text: string): boolean => {
  const duplex = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  new http.Server().emit('connection', duplex);
  interface Parser {
    initialize(type: number, resource: object): void;
    execute(bytes: Buffer): number | Error;
  }
  const { parser } = duplex as unknown as { parser: { constructor: { new (): Parser; RESPONSE: number } } };
  const one = new parser.constructor();
  one.initialize(parser.constructor.RESPONSE, {});
  duplex.destroy();
  return typeof one.execute(Buffer.from(text, 'latin1')) === 'number';
};

test('what Node refuses is refused', () => {
  const piece = fc.constantFrom(
    ...[
      'HTTP/1.1',
      ' ',
      '200',
      ' OK',
      '\r\n',
      '\r',
      '\n',
      'A',
      ':',
      ' b',
      '\t',
      '\u0000',
      '\u00e9',
      '\u0001',
    ],
    ...['Content-Length', ': 3', ': 0', 'Transfer-Encoding', ': chunked', ': gzip', 'Connection: close'],
    ...[
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.0 404 \r\n',
      'X-A: b\r\n',
      'Content-Length: 3\r\n',
      ',',
      ';',
      '"',
      '(',
    ],
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.boolean(), fc.array(piece, { maxLength: 12 }), (begun, pieces) => {
      const text = `${begun ? 'HTTP/1.1 200 OK\r\n' : ''}${pieces.join('')}\r\n\r\n`;
      const end = text.indexOf('\r\n\r\n');
      const head = readResponseHead(text, 0, end, GET);
      if (typeof head === 'string') return;
      accepted += 1;
      assert.ok(nodeAccepts(text.slice(0, end + 4)), JSON.stringify(text));
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 50);
});
