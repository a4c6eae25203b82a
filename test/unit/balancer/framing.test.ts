import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RequestHead, ResponseHead } from '../../../src/balancer/framing.ts';
import { isBodyless, requestRefusal, responseProblem } from '../../../src/balancer/framing.ts';
import { originForm } from '../../../src/balancer/target.ts';

/** `Name: value` lines as Node would give them. */
const lines = (...headers: readonly string[]): string[] =>
  headers.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);

/** `GET / HTTP/1.1`, then header lines. */
const request = (line: string, ...headers: readonly string[]): RequestHead => {
  const [method = '', target = '', version = 'HTTP/0.9'] = line.split(' ');
  return { method, target, httpVersion: version.slice(5), rawHeaders: lines(...headers) };
};

const H = 'Host: a';
const cases: readonly (readonly [status: number | undefined, line: string, ...headers: readonly string[]])[] =
  [
    [undefined, 'GET / HTTP/1.1', H],
    [undefined, 'GET / HTTP/1.0'],
    [undefined, 'GET / HTTP/1.0', H],
    [undefined, 'DELETE /a?b=c HTTP/1.1', H, 'Content-Length: 3'],
    [undefined, 'POST / HTTP/1.1', H, 'content-length: 0'],
    [undefined, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked'],
    [undefined, 'POST / HTTP/1.1', H, 'Transfer-Encoding: CHUNKED'],
    [undefined, 'POST / HTTP/1.1', H, 'my_header: 1'],
    // Versions.
    [400, 'GET /', H],
    [400, 'GET / HTTP/0.9', H, 'Content-Length: 3'],
    [505, 'GET / HTTP/2.0', H],
    [505, 'GET / HTTP/1.2', H],
    // Content-Length.
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 3', 'Content-Length: 3'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 3', 'content-length: 4'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 3, 3'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: +3'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: -3'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 0x3'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 3 '.concat('a')],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: '],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 9007199254740993'],
    [400, 'POST / HTTP/1.1', H, 'Content_Length: 3'],
    // Transfer-Encoding.
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked', 'Content-Length: 3'],
    [400, 'POST / HTTP/1.1', H, 'Content-Length: 0', 'Transfer-Encoding: chunked'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: ,chunked'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked,'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: "chunked"'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked;q=1'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: xchunked'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: gzip'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked, gzip'],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: '],
    [400, 'POST / HTTP/1.1', H, 'Transfer-Encoding: gzip\u000bchunked'],
    [400, 'POST / HTTP/1.1', H, 'Transfer_Encoding: chunked'],
    [400, 'POST / HTTP/1.0', H, 'Transfer-Encoding: chunked'],
    [501, 'POST / HTTP/1.1', H, 'Transfer-Encoding: gzip, chunked'],
    [501, 'POST / HTTP/1.1', H, 'Transfer-Encoding: chunked, chunked'],
    // Host.
    [400, 'GET / HTTP/1.1'],
    [400, 'GET / HTTP/1.1', H, H],
    [400, 'GET / HTTP/1.0', H, 'host: b'],
    [400, 'GET / HTTP/1.1', 'Host:'],
    [400, 'GET / HTTP/1.1', 'Host: a, b'],
    [400, 'GET / HTTP/1.1', 'Host: a,b'],
    [400, 'GET / HTTP/1.1', 'Host: a b'],
    [400, 'GET / HTTP/1.1', 'Host: u@b'],
    [400, 'GET / HTTP/1.1', 'Host: a/b'],
    [400, 'GET / HTTP/1.1', 'Host: a?b'],
    [400, 'GET / HTTP/1.1', 'Host: a#b'],
    [400, 'GET / HTTP/1.1', 'Host: a:b'],
    [400, 'GET / HTTP/1.1', 'Host: a:99999'],
    [400, 'GET / HTTP/1.1', 'Host: a:1:2'],
    [400, 'GET / HTTP/1.1', 'Host: [::1'],
    [400, 'GET / HTTP/1.1', 'Host: ::1'],
    [400, 'GET / HTTP/1.1', 'Host: ä'],
    [undefined, 'GET / HTTP/1.1', 'Host: a.example-1.com:8080'],
    [undefined, 'GET / HTTP/1.1', 'Host: my_app'],
    [undefined, 'GET / HTTP/1.1', 'Host: [2001:db8::1]:443'],
    [undefined, 'GET / HTTP/1.1', 'Host: 10.0.0.1:'],
    // Targets.
    [undefined, 'OPTIONS * HTTP/1.1', H],
    [400, 'GET * HTTP/1.1', H],
    [400, 'OPTIONS ** HTTP/1.1', H],
    [400, 'GET /a#b HTTP/1.1', H],
    [400, 'GET a HTTP/1.1', H],
    [400, 'GET ?a HTTP/1.1', H],
    [undefined, 'GET //b/c HTTP/1.1', H],
    [undefined, 'GET http://a/b HTTP/1.1', H],
    [undefined, 'GET HTTP://A:80/b HTTP/1.1', H],
    [400, 'GET http://b/ HTTP/1.1', H],
    [400, 'GET http://u@a/ HTTP/1.1', H],
    [400, 'GET http:/// HTTP/1.1', H],
    [400, 'GET ftp://a/ HTTP/1.1', H],
    [405, 'CONNECT a:443 HTTP/1.1', H],
    // Bodies where none may be.
    [400, 'TRACE / HTTP/1.1', H, 'Content-Length: 3'],
    [undefined, 'TRACE / HTTP/1.1', H],
    [400, 'GET / HTTP/1.1', H, 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3'],
    [400, 'POST / HTTP/1.1', H, 'Connection: a, UPGRADE', 'Upgrade: h2c', 'Transfer-Encoding: chunked'],
    [undefined, 'GET / HTTP/1.1', H, 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 0'],
    [undefined, 'POST / HTTP/1.1', H, 'Connection: close', 'Upgrade: h2c', 'Content-Length: 3'],
    // Expect.
    [undefined, 'POST / HTTP/1.1', H, 'Expect: 100-Continue', 'Content-Length: 3'],
    [undefined, 'POST / HTTP/1.0', H, 'Expect: anything'],
    [417, 'POST / HTTP/1.1', H, 'Expect: 200-ok'],
    [417, 'POST / HTTP/1.1', H, 'Expect: 100-continue', 'Expect: 100-continue'],
  ];
for (const [status, line, ...headers] of cases)
  test(`${status ?? 'passes'}: ${[line, ...headers].join(' | ')}`, () => {
    const refusal = requestRefusal(request(line, ...headers));
    assert.equal(refusal?.status, status, refusal?.reason);
  });

const responses: readonly (readonly [problem: RegExp | undefined, head: Partial<ResponseHead>])[] = [
  [undefined, {}],
  [undefined, { httpVersion: '1.0', rawHeaders: lines('Content-Length: 3') }],
  [undefined, { rawHeaders: lines('Transfer-Encoding: Chunked') }],
  [undefined, { status: 103 }],
  [undefined, { status: 101, upgradeAsked: true }],
  [undefined, { status: 599 }],
  [/status 99/, { status: 99 }],
  [/status 600/, { status: 600 }],
  [/status NaN/, { status: NaN }],
  [/no tunnel/, { status: 101 }],
  [/HTTP\/2.0/, { httpVersion: '2.0' }],
  [/HTTP\/0.9/, { httpVersion: '0.9' }],
  [/more than once/, { rawHeaders: lines('Content-Length: 3', 'Content-Length: 3') }],
  [/not a number/, { rawHeaders: lines('Content-Length: 3,3') }],
  [/with Transfer-Encoding/, { rawHeaders: lines('Content-Length: 3', 'Transfer-Encoding: chunked') }],
  [/more than once/, { rawHeaders: lines('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') }],
  [/other than chunked/, { rawHeaders: lines('Transfer-Encoding: gzip, chunked') }],
  [/other than chunked/, { rawHeaders: lines('Transfer-Encoding: identity') }],
  [/malformed/, { rawHeaders: lines('Transfer-Encoding: , chunked') }],
  [/HTTP\/1.0/, { httpVersion: '1.0', rawHeaders: lines('Transfer-Encoding: chunked') }],
  [/underscore/, { rawHeaders: lines('Content_Length: 3') }],
];
for (const [problem, head] of responses)
  test(`a response: ${problem?.source ?? 'passes'}: ${JSON.stringify(head)}`, () => {
    const found = responseProblem({
      status: 200,
      httpVersion: '1.1',
      rawHeaders: [],
      upgradeAsked: false,
      ...head,
    });
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', problem);
  });

test('what has no body', () => {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 103],
    ['GET', 204],
    ['GET', 304],
  ] as const)
    assert.ok(isBodyless(method, status));
  for (const status of [200, 205, 404, 502]) assert.ok(!isBodyless('GET', status));
});

const targets: readonly (readonly [method: string, target: string, path: string])[] = [
  ['GET', '/a?b', '/a?b'],
  ['OPTIONS', '*', '*'],
  ['GET', 'http://a/b?c', '/b?c'],
  ['GET', 'http://a', '/'],
  ['GET', 'https://a?b', '/?b'],
  ['OPTIONS', 'http://a', '*'],
];
for (const [method, target, path] of targets)
  test(`${method} ${target} → ${path}`, () => assert.equal(originForm(method, target), path));

test('what passes has one length, in one way, for one host, however it is spelt', () => {
  const name = fc
    .constantFrom(
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Content_Length',
      'Connection',
      'Upgrade',
      'X',
    )
    .chain((text) => fc.constantFrom(text, text.toLowerCase(), text.toUpperCase()));
  const value = fc.oneof(
    fc.constantFrom('a', 'chunked', 'Chunked', 'gzip, chunked', ',chunked', '3', '03', '3,3', '', 'upgrade'),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value), { maxLength: 6 }),
      fc.constantFrom('GET', 'POST', 'OPTIONS', 'TRACE', 'CONNECT'),
      fc.oneof(fc.constantFrom('/', '*', 'http://a/', '/#'), fc.string()),
      fc.constantFrom('0.9', '1.0', '1.1', '2.0'),
      (headers, method, target, httpVersion) => {
        const head = { method, target, httpVersion, rawHeaders: [['Host', 'a'], ...headers].flat() };
        if (requestRefusal(head) !== undefined) return;
        const named = (wanted: string): string[] =>
          headers.filter(([one]) => one.toLowerCase().replace('_', '-') === wanted).map(([, one]) => one);
        assert.deepEqual(named('host'), []);
        const [lengths, encodings] = [named('content-length'), named('transfer-encoding')];
        assert.ok(lengths.length + encodings.length <= 1);
        assert.ok(lengths.every((one) => /^\d+$/.test(one)));
        assert.ok(encodings.every((one) => one.toLowerCase() === 'chunked' && httpVersion === '1.1'));
        assert.ok(httpVersion.startsWith('1.') && !target.includes('#') && method !== 'CONNECT');
        assert.match(originForm(method, target), method === 'OPTIONS' ? /^[/*]/ : /^\//);
      },
    ),
    { numRuns: 2_000 },
  );
});
