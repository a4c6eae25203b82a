import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTaskQueue, type Priority } from '../../../src/pool/task-queue.ts';

test('the highest priority first, within one the order of arrival', () => {
  const queue = createTaskQueue<string>();
  queue.push('a', 'low');
  queue.push('b', 'normal');
  queue.push('c', 'high');
  queue.push('d', 'normal');
  queue.push('e', 'high');
  assert.equal(queue.size, 5);
  assert.deepEqual(
    Array.from({ length: 6 }, () => queue.shift()),
    ['c', 'e', 'b', 'd', 'a', undefined],
  );
});

type Use = { readonly do: 'push' | 'shift' | 'remove'; readonly priority: Priority; readonly nth: number };

test('does what a sorted list would, whatever is pushed, shifted and removed', () => {
  const anyUse: fc.Arbitrary<Use> = fc.record({
    do: fc.constantFrom('push', 'push', 'shift', 'remove'),
    priority: fc.constantFrom('low', 'normal', 'high'),
    nth: fc.nat(200),
  });
  const order: readonly Priority[] = ['high', 'normal', 'low'];
  fc.assert(
    fc.property(fc.array(anyUse, { maxLength: 500, size: 'max' }), (uses) => {
      const queue = createTaskQueue<{ readonly id: number }>();
      let model: { readonly item: { readonly id: number }; readonly priority: Priority }[] = [];
      for (const [id, use] of uses.entries()) {
        if (use.do === 'push') {
          const item = { id };
          queue.push(item, use.priority);
          model.push({ item, priority: use.priority });
        } else if (use.do === 'shift') {
          const first = model.toSorted(
            (a, b) => order.indexOf(a.priority) - order.indexOf(b.priority) || a.item.id - b.item.id,
          )[0];
          assert.equal(queue.shift(), first?.item);
          model = model.filter((one) => one !== first);
        } else if (model.length > 0) {
          const gone = model[use.nth % model.length];
          assert.ok(gone !== undefined && queue.remove(gone.item, gone.priority));
          assert.equal(queue.remove(gone.item, gone.priority), false);
          model = model.filter((one) => one !== gone);
        }
        assert.equal(queue.size, model.length);
      }
    }),
    { numRuns: 50 },
  );
});
