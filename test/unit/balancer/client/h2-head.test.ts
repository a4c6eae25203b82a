import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { h2Request } from '../../../../src/balancer/client/h2-head.ts';

const base = [':method', 'GET', ':scheme', 'https', ':authority', 'example.com', ':path', '/a?b'];
const get = (...fields: string[]) => h2Request([...base, ...fields]);
const refusal = (fields: string[]): string => {
  const came = h2Request(fields);
  return 'reason' in came ? `${came.status} ${came.reason}` : 'passed';
};

test('a request', () => {
  assert.deepEqual(get('accept', '*/*', 'x-a', '1', 'x-a', '2', 'te', 'trailers'), {
    method: 'GET',
    target: '/a?b',
    raw: ['host', 'example.com', 'accept', '*/*', 'x-a', '1', 'x-a', '2', 'te', 'trailers'],
    contentLength: -1,
  });
});

test('cookies become one line again, lengths are known', () => {
  assert.deepEqual(get('cookie', 'a=1', 'content-length', '12', 'cookie', 'b=2'), {
    method: 'GET',
    target: '/a?b',
    raw: ['host', 'example.com', 'content-length', '12', 'cookie', 'a=1; b=2'],
    contentLength: 12,
  });
});

test('host may stand for the authority, or say the same', () => {
  const without = base.filter((_, at) => at !== 4 && at !== 5);
  for (const fields of [
    [...without, 'host', 'example.com'],
    [...base, 'host', 'EXAMPLE.com'],
  ]) {
    const came = h2Request(fields);
    assert.ok('raw' in came);
    assert.equal(came.raw[1]?.toLowerCase(), 'example.com');
  }
});

test('what HTTP/1 could read otherwise is refused', () => {
  const cases: readonly (readonly [string, string[]])[] = [
    ['400 Host is not the authority', [...base, 'host', 'other.example']],
    ['400 Host more than once', [...base, 'host', 'example.com', 'host', 'example.com']],
    ['400 :path more than once', [...base, ':path', '/b']],
    ['400 no authority', [':method', 'GET', ':scheme', 'https', ':path', '/']],
    ['400 Host is malformed', [':method', 'GET', ':scheme', 'https', ':path', '/', ':authority', 'a b']],
    ['400 an unknown scheme', [':method', 'GET', ':scheme', 'ftp', ':path', '/', ':authority', 'a']],
    ['405 CONNECT: not a forward proxy', [':method', 'CONNECT', ':authority', 'a:1']],
    ['400 no method', [':method', 'GE T', ':scheme', 'https', ':path', '/', ':authority', 'a']],
    [
      '400 the target is no path',
      [':method', 'GET', ':scheme', 'https', ':path', 'http://b/', ':authority', 'a'],
    ],
    ['400 the target is no path', [':method', 'GET', ':scheme', 'https', ':path', '', ':authority', 'a']],
    [
      '400 a malformed path',
      [':method', 'GET', ':scheme', 'https', ':path', '/ HTTP/1.1\r\nX: y', ':authority', 'a'],
    ],
    [
      '400 a fragment in the target',
      [':method', 'GET', ':scheme', 'https', ':path', '/a#b', ':authority', 'a'],
    ],
    [
      '400 * with a method other than OPTIONS',
      [':method', 'GET', ':scheme', 'https', ':path', '*', ':authority', 'a'],
    ],
    ['400 connection in HTTP/2', [...base, 'connection', 'close']],
    ['400 transfer-encoding in HTTP/2', [...base, 'transfer-encoding', 'chunked']],
    ['400 upgrade in HTTP/2', [...base, 'upgrade', 'websocket']],
    ['400 TE other than trailers', [...base, 'te', 'gzip']],
    ['400 Content-Length more than once', [...base, 'content-length', '1', 'content-length', '1']],
    ['400 Content-Length is not a number', [...base, 'content-length', '+1']],
    ['400 an underscore in the name of a framing header', [...base, 'content_length', '1']],
    ['400 a malformed field value', [...base, 'x', 'a\r\nb: c']],
    ['400 a malformed field name', [...base, 'x y', 'a']],
    ['417 Expect other than 100-continue', [...base, 'expect', 'miracles']],
  ];
  for (const [expected, fields] of cases) assert.equal(refusal(fields), expected);
});

test('no line can be made from what passes', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('\r\n', 'a\nb', ' a', 'host', ':path', '/x y', '/'));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (pairs) => {
      const came = get(...pairs.flat());
      if (!('raw' in came)) return;
      assert.doesNotMatch(came.target, /[\s\0]/);
      for (const one of came.raw) assert.doesNotMatch(one, /[\r\n\0]/);
      assert.equal(came.raw.filter((name, at) => at % 2 === 0 && name === 'host').length, 1);
    }),
  );
});
