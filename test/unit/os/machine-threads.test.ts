import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableCpus } from '../../../src/os/cpus.ts';
import { machineThreads } from '../../../src/os/machine-threads.ts';

test('as many threads as CPUs, or as SKEIN_THREADS says', () => {
  assert.deepEqual(machineThreads({}), { threads: availableCpus() });
  assert.deepEqual(machineThreads({ SKEIN_THREADS: '' }), { threads: availableCpus() });
  assert.deepEqual(machineThreads({ SKEIN_THREADS: '7' }), { threads: 7 });
});

test('what is no number does not count, and is not repeated', () => {
  for (const SKEIN_THREADS of ['0', '-1', '1.5', 'many', '1e3', '99999', ' 4']) {
    const { threads, wrong } = machineThreads({ SKEIN_THREADS });
    assert.equal(threads, availableCpus());
    assert.match(wrong ?? '', /SKEIN_THREADS is not a whole number/);
  }
});
