import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Used } from '../../../src/state/engines/memory/recency.ts';
import { Recency } from '../../../src/state/engines/memory/recency.ts';

interface Item extends Used<Item> {
  readonly name: number;
}

test('the order is that of the last use, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('use', 'remove'), fc.nat(6))), (steps) => {
      const recency = new Recency<Item>();
      const items = new Map<number, Item>();
      let expected: number[] = [];
      for (const [what, name] of steps) {
        const item = items.get(name);
        expected = expected.filter((other) => other !== name);
        if (what === 'remove') {
          if (item !== undefined) recency.remove(item);
          items.delete(name);
          continue;
        }
        expected.push(name);
        if (item !== undefined) {
          recency.use(item);
          continue;
        }
        const made: Item = { name, older: null, newer: null };
        items.set(name, made);
        recency.add(made);
      }
      const order: number[] = [];
      for (let at = recency.oldest; at !== null; at = at.newer) order.push(at.name);
      assert.deepEqual(order, expected);
      while (recency.oldest !== null) recency.remove(recency.oldest);
    }),
  );
});
