import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { defaultAppPool } from '../../../../src/config/balance-defaults.ts';
import { graceOf, LeavingWorkers, mostLeavingMs } from '../../../../src/supervisor/balancing/leaving.ts';
import type { WorkerHandle } from '../../../../src/supervisor/worker-handle.ts';
import { appSpec } from '../../support/app-spec.ts';

const sticky = { ...defaultAppPool, sticky: { by: 'cookie', name: 's', maxAgeMs: null } } as const;
const worker = { tag: { id: 'w' } } as WorkerHandle;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

describe('a worker that leaves', () => {
  const made = () => {
    const told: ((complete: boolean) => void)[] = [];
    const leaving = new LeavingWorkers({ tell: (_limitMs, done) => void told.push(done) });
    let end: boolean | null = null;
    const leave = (graceMs: number) => leaving.leave(worker, graceMs, (complete) => (end = complete));
    return { told, leaving, leave, end: () => end };
  };

  it('is told when balancers go by it', () => {
    const { told, leaving, leave, end } = made();
    leave(0);
    assert.equal(leaving.states.get('w'), 'draining');
    assert.equal(end(), null);
    told[0]!(true);
    assert.equal(end(), true);
  });

  it('keeps its sessions for a while before that', () => {
    const { told, leaving, leave, end } = made();
    leave(5000);
    told[0]!(false);
    mock.timers.tick(4999);
    assert.equal(leaving.states.get('w'), 'draining');
    mock.timers.tick(1);
    assert.equal(leaving.states.get('w'), 'maintenance');
    assert.equal(end(), null);
    told[1]!(true);
    assert.equal(end(), true);
    leaving.forget('w');
    assert.equal(leaving.states.size, 0);
  });

  it('is forgotten when it ends before that', () => {
    const { told, leaving, leave, end } = made();
    leave(5000);
    told[0]!(true);
    leaving.forget('w');
    mock.timers.tick(5000);
    assert.equal(leaving.states.size, 0);
    told[1]!(true);
    assert.equal(end(), true);
  });
});

it('sessions have 5 s, or the drain limit; none where all workers end', () => {
  const spec = appSpec({ balance: { pool: sticky, front: null }, drainTimeoutMs: 30_000 });
  assert.equal(graceOf({ spec }, false), 5000);
  assert.equal(graceOf({ spec: { ...spec, drainTimeoutMs: 800 } }, false), 800);
  assert.equal(graceOf({ spec }, true), 0);
  assert.equal(graceOf({ spec: appSpec({ balance: { pool: defaultAppPool, front: null } }) }, false), 0);
  assert.equal(graceOf({ spec: appSpec() }, false), 0);
  assert.deepEqual([mostLeavingMs(0), mostLeavingMs(5000)], [1000, 7000]);
});
