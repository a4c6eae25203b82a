import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as changes from '../../../src/supervisor/changes.ts';
import { withIds } from '../../../src/supervisor/slot-ids.ts';
import { opening, startedRecord } from './fake-surroundings.ts';

test('a slot is given an id when it is first used, and has it for good', () => {
  let next = 4;
  const take = (): number => next++;
  const two = withIds(startedRecord({ instances: 2 }), take);
  assert.deepEqual(two.ids, [4, 5]);
  assert.equal(withIds(two, take), two);
  const three = withIds(changes.scale(two, 3, opening('scale')), take);
  assert.deepEqual(three.ids, [4, 5, 6]);
  const one = withIds(changes.scale(three, 1, opening('scale')), take);
  assert.deepEqual(one.ids, [4, 5, 6], 'also when it is not used for a while');
  assert.deepEqual(withIds(changes.scale(one, 4, opening('scale')), take).ids, [4, 5, 6, 7]);
});
