import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overdueWorkers } from '../../../src/supervisor/watch.ts';

const worker = (
  lastBeat: number | null,
  beating = true,
  gone = false,
): { lastBeat: number | null; beating: boolean; gone: boolean } => ({
  lastBeat,
  beating,
  gone,
});

test('only workers that are asked for beats and have been silent for too long are overdue', () => {
  const workers = [
    worker(1000),
    worker(900),
    worker(100),
    worker(100, false),
    worker(100, true, true),
    worker(null),
  ];
  assert.deepEqual(overdueWorkers(workers, 1040), [{ index: 2, forMs: 940 }]);
});
