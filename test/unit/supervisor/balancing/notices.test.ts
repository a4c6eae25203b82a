import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Notices } from '../../../../src/supervisor/balancing/notices.ts';
import type { WorkerHandle } from '../../../../src/supervisor/worker-handle.ts';

const worker = (slot: number): WorkerHandle =>
  ({ tag: { app: 'edge', slot }, pid: slot }) as unknown as WorkerHandle;

test('several workers that notice the same are one event, and there is never a flood', () => {
  const texts: string[] = [];
  let now = 0;
  const notices = new Notices(
    (event) => texts.push(event.text),
    () => now,
  );
  notices.heard(worker(0), 'a is down');
  notices.heard(worker(1), 'a is down');
  notices.heard(worker(1), 'b is down');
  assert.deepEqual(texts, ['a is down', 'b is down']);
  now = 6000;
  notices.heard(worker(0), 'a is down');
  assert.equal(texts.length, 3);
  for (let nth = 0; nth < 100; nth += 1) notices.heard(worker(0), `c${nth} is down`);
  assert.equal(texts.length, 30);
  assert.match(texts.at(-1)!, /; more of the next minute are only in its log$/);
  now = 66_000;
  notices.heard(worker(0), 'd is down');
  assert.equal(texts.at(-1), 'd is down');
});
