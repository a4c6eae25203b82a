import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { decode, encode } from '../../../src/state/encode.ts';

const roundTrip = (value: unknown): unknown => decode('key', encode('key', value, 1_000_000));

test('any JSON value comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // -0 is the one that JSON has no word for.
      assert.deepEqual(roundTrip(value), JSON.parse(JSON.stringify(value)));
    }),
  );
});

class Point {
  x = 1;
}

const circular: { inner: unknown[] } = { inner: [] };
circular.inner.push({ back: circular });

const refused: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /value is undefined/],
  [Object.assign([], { 0: 1, 2: 3 }), /value\[1\] is undefined/],
  [{ a: { b: Number.NaN } }, /value\.a\.b is NaN/],
  [-Infinity, /value is -Infinity/],
  [{ 'a b': () => 1 }, /value\["a b"\] is a function/],
  [[1n], /value\[0\] is a bigint/],
  [{ at: new Date() }, /value\.at is an instance of Date/],
  [new Map(), /value is an instance of Map/],
  [new Point(), /value is an instance of Point/],
  [{ buffer: Buffer.from('x') }, /value\.buffer is an instance of Buffer/],
  [{ toJSON: () => 1 }, /made by toJSON/],
  [circular, /value\.inner\[0\]\.back is a reference to what contains it/],
];

for (const [value, message] of refused) {
  test(`refused: ${message.source}`, () => {
    assert.throws(() => encode('key', value, 1000), { code: 'E_STATE_VALUE', message });
  });
}

test('data nested too deep is refused, not a stack overflow', () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  assert.throws(() => encode('key', deep, 1_000_000), { code: 'E_STATE_VALUE', message: /nested more than/ });
});

test('the same object twice is no circle', () => {
  const shared = { n: 1 };
  assert.deepEqual(roundTrip([shared, shared]), [shared, shared]);
});

test('properties that are undefined are left out, objects of other realms and without a prototype are plain', () => {
  assert.deepEqual(roundTrip({ a: 1, b: undefined }), { a: 1 });
  assert.deepEqual(roundTrip(runInNewContext('({ a: [1, { b: 2 }] })')), { a: [1, { b: 2 }] });
  assert.deepEqual(roundTrip(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
});

test('the limit counts bytes of UTF-8, not characters', () => {
  assert.equal(encode('key', 'x'.repeat(98), 100).length, 100);
  assert.throws(() => encode('key', 'x'.repeat(99), 100), {
    code: 'E_STATE_TOO_LARGE',
    message: /101 bytes/,
  });
  assert.throws(() => encode('key', 'ü'.repeat(50), 100), { code: 'E_STATE_TOO_LARGE' });
});

test('text that is no JSON was written by somebody else', () => {
  assert.throws(() => decode('key', 'hello'), { code: 'E_STATE_FOREIGN' });
});
