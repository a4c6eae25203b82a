import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combinedLine, droppedLine, jsonLine } from '../../../../src/balancer/observe/log-lines.ts';
import { withoutSecrets } from '../../../../src/balancer/observe/log-text.ts';
import { outcome } from './outcome.ts';

const NOW = Date.UTC(2026, 10, 20, 22, 51, 3, 7);
const parsed = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;

test('a combined line', () => {
  assert.equal(
    combinedLine(outcome(), NOW),
    '203.0.113.9 - - [20/Nov/2026:22:51:03 +0000] "GET /a/b HTTP/1.1" 200 1234 "-" "curl/8.9" ' +
      'host="example.com" route="/ -> web" to="web/0" queue=0.0 connect=0.4 first=3.1 total=3.4 tries=1 ' +
      'in=0 reused=1 end=-- id="0123456789abcdef0123456789abcdef"\n',
  );
});

test('a JSON line', () => {
  assert.deepEqual(parsed(jsonLine(outcome(), NOW)), {
    time: '2026-11-20T22:51:03.007Z',
    client: '203.0.113.9',
    method: 'GET',
    host: 'example.com',
    path: '/a/b',
    version: '1.1',
    status: 200,
    in: 0,
    out: 1234,
    queue_ms: 0,
    connect_ms: 0.4,
    first_byte_ms: 3.1,
    total_ms: 3.4,
    tries: 1,
    reused: true,
    route: '/ -> web',
    pool: 'web',
    upstream: 'web/0',
    end: '--',
    request_id: '0123456789abcdef0123456789abcdef',
    referer: null,
    user_agent: 'curl/8.9',
  });
});

const nothing = outcome({
  head: { method: '', target: '', raw: [] },
  clientAddress: undefined,
  host: '',
  requestId: undefined,
  route: undefined,
  pool: undefined,
  upstream: undefined,
  tries: 0,
  status: 400,
  bytesOut: 0,
  queueMs: -1,
  connectMs: -1,
  firstByteMs: -1,
  totalMs: 1,
  reused: false,
  termination: { who: 'P', phase: 'R' },
});

test('a request of which nothing could be read', () => {
  assert.equal(
    combinedLine(nothing, NOW),
    '- - - [20/Nov/2026:22:51:03 +0000] "-" 400 0 "-" "-" host="-" route="-" to="-" queue=-1 connect=-1 ' +
      'first=-1 total=1.0 tries=0 in=0 reused=0 end=PR id="-"\n',
  );
  const { client, upstream, queue_ms: queue, end } = parsed(jsonLine(nothing, NOW));
  assert.deepEqual([client, upstream, queue, end], [null, null, -1, 'PR']);
});

test('times are rounded to a tenth, and long ones are whole', () => {
  const line = (totalMs: number): string => /total=(\S+)/.exec(combinedLine(outcome({ totalMs }), NOW))![1]!;
  assert.deepEqual([0, 0.04, 0.05, 0.96, 9.99, 1e9 + 0.25, Number.NaN].map(line), [
    '0.0',
    '0.0',
    '0.1',
    '1.0',
    '10.0',
    '1000000000.3',
    '-1',
  ]);
});

test('what is secret is in no line', () => {
  const secret = 's3cr3t';
  const one = outcome({
    head: {
      target: `/login?token=${secret}`,
      raw: [
        ...['Authorization', `Bearer ${secret}`, 'Cookie', `sid=${secret}`, 'X-Api-Key', secret],
        ...['Referer', `https://u:${secret}@example.com/a?code=${secret}#${secret}`],
      ],
    },
  });
  for (const line of [combinedLine(one, NOW), jsonLine(one, NOW)]) assert.doesNotMatch(line, /s3cr3t/);
  assert.match(combinedLine(one, NOW), /"GET \/login\? HTTP\/1\.1" 200 1234 "https:\/\/example\.com\/a\?"/);
});

const urls: readonly (readonly [url: string, told: string])[] = [
  ['/a', '/a'],
  ['/a?', '/a?'],
  ['/a?b=c', '/a?'],
  ['/a?b#c', '/a?'],
  ['/a#b?c', '/a'],
  ['/a@b', '/a@b'],
  ['*', '*'],
  ['', ''],
  ['example.com:443', 'example.com:443'],
  ['http://h/p@q', 'http://h/p@q'],
  ['http://u:p@h', 'http://h'],
  ['http://u:p@h/x?y', 'http://h/x?'],
  ['http://a@b@h/', 'http://h/'],
];
for (const [url, told] of urls)
  test(`of ${JSON.stringify(url)} the log has ${JSON.stringify(told)}`, () => {
    assert.equal(withoutSecrets(url), told);
  });

test('no text ends a line, closes a quote or reaches a terminal', () => {
  const one = outcome({ head: { target: '/a"b\\c\r\nd\u001b[31m\u0000\u007f\u009b\u00e9', raw: [] } });
  assert.match(
    combinedLine(one, NOW),
    /"GET \/a\\"b\\\\c\\x0D\\x0Ad\\x1B\[31m\\x00\\x7F\\x9B\\xE9 HTTP\/1\.1"/,
  );
  const strange = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(strange, strange, strange, strange, (target, agent, host, address) => {
      const asked = outcome({
        head: { method: agent, target, raw: ['user-agent', agent, 'REFERER', target] },
        host,
        requestId: host,
        clientAddress: address,
      });
      const combined = combinedLine(asked, NOW);
      assert.match(combined, /^[ -~]+\n$/);
      assert.equal(combined.replaceAll(/\\./g, '').split('"').length, 15);
      const inJson = jsonLine(asked, NOW);
      // oxlint-disable-next-line no-control-regex -- none of them may be there
      assert.doesNotMatch(inJson.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      assert.equal(Object.keys(parsed(inJson)).length, 22);
    }),
  );
});

test('what is long is cut', () => {
  const long = 'x'.repeat(100_000);
  const one = outcome({
    head: { target: `/${long}`, raw: ['User-Agent', long, 'Referer', long] },
    host: long,
  });
  assert.ok(combinedLine(one, NOW).length < 4500);
  assert.ok(jsonLine(one, NOW).length < 4500);
});

test('lines that are missing are told as a line', () => {
  assert.match(droppedLine('combined', 12, NOW), /^- - - \[.+] "-" 0 0 "-" "-" dropped=12\n$/);
  assert.deepEqual(parsed(droppedLine('json', 12, NOW)), { time: '2026-11-20T22:51:03.007Z', dropped: 12 });
});
