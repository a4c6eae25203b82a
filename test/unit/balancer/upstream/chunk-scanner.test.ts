import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkScanner } from '../../../../src/balancer/upstream/chunk-scanner.ts';

interface Scanned {
  readonly data: string;
  readonly done: boolean;
  readonly broken: boolean;
  readonly trailers: readonly string[] | null;
  /** What is behind the body. */
  readonly rest: string;
}

/** Scans `text`, which comes in pieces that end at `cuts`. */
const scan = (text: string, cuts: readonly number[] = []): Scanned => {
  const scanner = new ChunkScanner();
  let data = '';
  let rest = '';
  let from = 0;
  for (const to of [...cuts.toSorted((a, b) => a - b), text.length]) {
    const bytes = Buffer.from(`..${text.slice(from, to)}`, 'latin1');
    from = to;
    if (scanner.done) {
      rest += bytes.toString('latin1', 2);
      continue;
    }
    const end = scanner.scan(bytes, 2, bytes.length);
    data += bytes.toString('latin1', 2, end);
    if (scanner.done) rest += bytes.toString('latin1', scanner.next);
  }
  return { data, done: scanner.done, broken: scanner.broken, trailers: scanner.trailers(), rest };
};

const whole: readonly (readonly [
  text: string,
  data: string,
  trailers: readonly string[] | null,
  rest: string,
])[] = [
  ['0\r\n\r\n', '', null, ''],
  ['3\r\nabc\r\n0\r\n\r\n', 'abc', null, ''],
  ['3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nHTTP', 'abcde', null, 'HTTP'],
  ['00A\r\n0123456789\r\n000\r\n\r\n', '0123456789', null, ''],
  ['3;a=b;c="d"\r\nabc\r\n0;x\r\n\r\n', 'abc', null, ''],
  ['1\r\na\r\n0\r\nA: b\r\nC:d \r\n\r\n', 'a', ['A', 'b', 'C', 'd'], ''],
];
for (const [text, data, trailers, rest] of whole)
  test(`${JSON.stringify(text)} is read`, () => {
    assert.deepEqual(scan(text), { data, done: true, broken: false, trailers, rest });
  });

const broken = [
  ...[
    '\r\n',
    'x\r\n',
    '-1\r\na\r\n',
    '+1\r\na\r\n',
    '0x1\r\na\r\n',
    ' 1\r\na\r\n',
    '1 \r\na\r\n',
    '1\na\r\n',
  ],
  ...['1\r\nab\r\n', '1\r\na\n0\r\n\r\n', '1\ra\r\n', 'fffffffffffff\r\n', ';a\r\n', '1;a\nb\r\na\r\n'],
  ...['0\r\n: a\r\n\r\n', '0\r\na\r\n\r\n', '0\r\nA : b\r\n\r\n', '0\r\n A: b\r\n\r\n', '0\r\nA: b\n\r\n'],
  ...['0\r\n\rx', '0\r\nA: b\rc\r\n\r\n', `1;${'a'.repeat(17_000)}\r\na\r\n`],
  `0\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`,
];
for (const text of broken)
  test(`${JSON.stringify(text.slice(0, 30))} is refused`, () => {
    assert.equal(scan(text).broken, true);
  });

test('a body that does not end is neither done nor broken', () => {
  for (const text of ['', '3', '3\r\nab', '3\r\nabc\r\n', '0\r\n', '0\r\nA: b\r\n']) {
    const { done, broken: isBroken } = scan(text);
    assert.deepEqual([text, done, isBroken], [text, false, false]);
  }
});

test('however the bytes are cut, the result is the same', () => {
  const chunk = fc.record({
    data: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }),
    extension: fc.constantFrom('', ';a', ';a="b c"'),
    upper: fc.boolean(),
  });
  const body = fc.record({
    chunks: fc.array(chunk, { maxLength: 6 }),
    trailers: fc.array(fc.constantFrom('A: b', 'X-Long: some value', 'C:'), { maxLength: 3 }),
    rest: fc.constantFrom('', 'HTTP/1.1', '\r\n'),
  });
  fc.assert(
    fc.property(body, fc.array(fc.nat(300), { maxLength: 20 }), ({ chunks, trailers, rest }, cuts) => {
      const sized = chunks.map(({ data, extension, upper }) => {
        const size = data.length.toString(16);
        return `${upper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
      });
      const text = `${sized.join('')}0\r\n${trailers.map((one) => `${one}\r\n`).join('')}\r\n${rest}`;
      const expected = scan(text);
      assert.equal(expected.data, chunks.map(({ data }) => data).join(''));
      assert.equal(expected.rest, rest);
      const inside = cuts.filter((at) => at < text.length);
      assert.deepEqual(scan(text, inside), expected);
    }),
  );
});

test('nothing makes it throw or write outside of what it was given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
      const bytes = Buffer.concat([Buffer.from('##'), given, Buffer.from('##')]);
      const end = new ChunkScanner().scan(bytes, 2, 2 + given.length);
      assert.ok(end >= 2 && end <= 2 + given.length);
      assert.equal(bytes.toString('latin1', 0, 2) + bytes.toString('latin1', 2 + given.length), '####');
    }),
  );
});
