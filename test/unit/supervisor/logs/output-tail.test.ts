import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputTail } from '../../../../src/supervisor/logs/output-tail.ts';

test('the tail is the end of everything', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 12 }), (lengths) => {
      const tail = new OutputTail();
      let all = '';
      for (const [n, length] of lengths.entries()) {
        const text = String.fromCodePoint(97 + n).repeat(length);
        tail.add(Buffer.from(text));
        all += text;
      }
      assert.equal(tail.text, all.slice(-4096));
    }),
  );
});
