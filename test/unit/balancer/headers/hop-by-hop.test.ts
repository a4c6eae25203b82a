import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endToEndRequest, endToEndResponse } from '../../../../src/balancer/headers/hop-by-hop.ts';
import { safeTrailers } from '../../../../src/balancer/headers/trailers.ts';

/** `Name: value | Name: value` as Node would give it, and back. */
const raw = (text: string): string[] =>
  text === '' ? [] : text.split(' | ').flatMap((line) => line.split(': '));
const text = (headers: readonly string[]): string =>
  headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1]}`] : [])).join(' | ');

const requests: readonly (readonly [name: string, from: string, to: string])[] = [
  ['nothing', '', ''],
  ['order, case and repeated lines stay', 'b: 1 | A: 2 | b: 3 | Cookie: x', 'b: 1 | A: 2 | b: 3 | Cookie: x'],
  ['what Connection lists goes', 'Connection: X-A, close | x-a: 1 | X-B: 2', 'X-B: 2'],
  [
    'over several Connection lines, in any case',
    'connection: x-a | X-A: 1 | CONNECTION: ,X-B , | x-b: 2',
    '',
  ],
  [
    'all that is of one connection goes',
    'Keep-Alive: a | Proxy-Connection: b | TE: gzip | Trailer: c | Transfer-Encoding: chunked | Upgrade: d | ' +
      'Proxy-Authorization: e | HTTP2-Settings: f | X: g',
    'X: g',
  ],
  [
    'Connection deletes neither routing, framing, nor who somebody is',
    'Connection: Host, Content-Length, Cookie, Authorization, Via | Host: a | Content-Length: 3 | Cookie: b | Authorization: c | Via: d',
    'Host: a | Content-Length: 3 | Cookie: b | Authorization: c | Via: d',
  ],
  [
    'nor what a front proxy said',
    'Connection: X-Forwarded-For, Forwarded, x-real-ip, X-Request-Id | X-Forwarded-For: a | Forwarded: b | X-Real-IP: c | X-Request-Id: d',
    'X-Forwarded-For: a | Forwarded: b | X-Real-IP: c | X-Request-Id: d',
  ],
  ['TE without trailers', 'TE: deflate;q=0.5', ''],
];
for (const [name, from, to] of requests)
  test(`a request: ${name}`, () => assert.equal(text(endToEndRequest(raw(from), false)), to));

test('trailers are asked for only when the client takes them', () => {
  assert.equal(text(endToEndRequest(raw('TE: gzip, Trailers | A: 1'), true)), 'A: 1 | TE: trailers');
  assert.equal(text(endToEndRequest(raw('A: 1'), true)), 'A: 1');
  assert.equal(text(endToEndRequest(raw('Trailer: x | A: 1'), true)), 'Trailer: x | A: 1');
});

test('a response', () => {
  const from =
    'Set-Cookie: a | Connection: close, X-Hop | X-Hop: 1 | Alt-Svc: h3 | Trailer: t | Set-Cookie: b | Proxy-Authenticate: c';
  assert.equal(text(endToEndResponse(raw(from), false)), 'Set-Cookie: a | Set-Cookie: b');
  assert.equal(text(endToEndResponse(raw(from), true)), 'Set-Cookie: a | Trailer: t | Set-Cookie: b');
});

test('what stays is what came, in its order; nothing of one connection stays', () => {
  const name = fc.constantFrom(
    'Connection',
    'te',
    'Upgrade',
    'X-A',
    'x-a',
    'X-B',
    'Host',
    'Set-Cookie',
    'Keep-Alive',
  );
  const value = fc.oneof(fc.constantFrom('x-a', 'X-B, host', 'close', 'trailers', ''), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (headers) => {
      const kept = endToEndResponse(headers.flat(), true);
      const names = kept.filter((_, at) => at % 2 === 0);
      assert.ok(
        !names.some((one) => ['connection', 'te', 'upgrade', 'keep-alive'].includes(one.toLowerCase())),
      );
      assert.deepEqual(
        names.filter((one) => one === 'Host' || one === 'Set-Cookie'),
        headers.map(([one]) => one).filter((one) => one === 'Host' || one === 'Set-Cookie'),
      );
      let from = 0;
      for (let at = 0; at < kept.length; at += 2) {
        const found = headers.findIndex(
          ([one, given], index) => index >= from && one === kept[at] && given === kept[at + 1],
        );
        assert.ok(found >= from);
        from = found + 1;
      }
    }),
  );
});

test('trailers that would frame, route or authorise do not pass', () => {
  const from =
    'X-Sum: 1 | Content-Length: 3 | Transfer_Encoding: chunked | Host: a | Authorization: b | X-Forwarded-For: c | grpc-status: 0 | Set-Cookie: d';
  assert.equal(text(safeTrailers(raw(from))), 'X-Sum: 1 | grpc-status: 0');
});
