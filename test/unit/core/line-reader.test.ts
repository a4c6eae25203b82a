import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineReader } from '../../../src/core/line-reader.ts';

test('lines are the same however they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[^\n]{0,20}$/)), fc.array(fc.nat(30)), (lines, cuts) => {
      const read: string[] = [];
      const reader = createLineReader(1000, (line) => read.push(line));
      let rest = lines.map((line) => `${line}\n`).join('');
      for (const cut of cuts) {
        reader.push(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
      assert.equal(reader.push(rest), true);
      assert.deepEqual(read, lines);
    }),
  );
});

test('a line without an end is refused when it is too long', () => {
  const read: string[] = [];
  const reader = createLineReader(10, (line) => read.push(line));
  assert.equal(reader.push('one\n12345'), true);
  assert.equal(reader.push('67890'), true);
  assert.equal(reader.push('x'), false);
  assert.deepEqual(read, ['one']);
});
