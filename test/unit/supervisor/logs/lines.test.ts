import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Lines } from '../../../../src/supervisor/logs/lines.ts';

const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\n'), fc.constant('é\n')));

/** Everything that comes out, with the same buffer used for every chunk. */
const through = (chunks: readonly Buffer[], lines = new Lines(), headroom = 6): Buffer => {
  const shared = Buffer.alloc(headroom + Math.max(1, ...chunks.map(({ length }) => length)));
  const out: Buffer[] = [];
  const take = (whole: Buffer | null): void => {
    if (whole === null) return;
    assert.equal(whole.at(-1), 10, 'whole lines');
    out.push(Buffer.from(whole));
  };
  for (const chunk of chunks) {
    chunk.copy(shared, headroom);
    take(lines.push(shared.subarray(headroom, headroom + chunk.length), headroom));
  }
  take(lines.end());
  return Buffer.concat(out);
};

const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of cuts) {
    if (at < bytes.length) chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return at < bytes.length ? [...chunks, bytes.subarray(at)] : chunks;
};

describe('chunks of bytes into lines', () => {
  test('however it is cut, the whole comes out, and a last line gets its newline', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 9 })), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const end = bytes.length > 0 && bytes.at(-1) !== 10 ? '\n' : '';
        assert.equal(through(cut(bytes, cuts)).toString(), bytes.toString() + end);
      }),
    );
  });

  test('another reader goes on with what one has left over', () => {
    fc.assert(
      fc.property(texts, fc.nat(40), (parts, at) => {
        const bytes = Buffer.from(parts.join(''));
        const first = new Lines();
        const begun = first.push(bytes.subarray(0, at)) ?? Buffer.alloc(0);
        const next = new Lines(Buffer.concat(first.rest));
        const end = bytes.length > 0 && bytes.at(-1) !== 10 ? '\n' : '';
        const rest = through(at < bytes.length ? [bytes.subarray(at)] : [], next);
        assert.equal(Buffer.concat([begun, rest]).toString(), bytes.toString() + end);
      }),
    );
  });

  test('regression: a line without an end is broken, between two characters', () => {
    const out = through(
      cut(Buffer.from('€'.repeat(100)), Array(30).fill(10) as number[]),
      new Lines(undefined, 50),
    );
    const lines = out.toString().trimEnd().split('\n');
    assert.ok(lines.length > 2);
    assert.equal(lines.join(''), '€'.repeat(100));
  });

  test('a line of 16 MiB is whole', () => {
    const lines = new Lines();
    const chunk = Buffer.alloc(1 << 20, 'x');
    for (let n = 0; n < 16; n += 1) assert.equal(lines.push(chunk), null);
    assert.equal(lines.push(Buffer.from('\n'))?.length, (16 << 20) + 1);
  });
});
