import assert from 'node:assert/strict';
import { afterEach, beforeEach, it, mock } from 'node:test';
import { defaultFront } from '../../../../src/config/balance-defaults.ts';
import type { ToWorker } from '../../../../src/protocol/worker.ts';
import { Snapshots } from '../../../../src/supervisor/balancing/snapshots.ts';
import type { WorkerHandle } from '../../../../src/supervisor/worker-handle.ts';

const plain = {
  front: defaultFront,
  listen: [],
  routes: [],
  pools: [],
  stickyKey: 'a',
  ticketKeys: 'b',
};

const worker = () => {
  const revisions: number[] = [];
  const handle = {
    gone: false,
    connected: true,
    send: (message: ToWorker) => {
      if (message.type === 'balance') revisions.push(message.snapshot.revision);
      return true;
    },
  };
  return { handle: handle as unknown as WorkerHandle, facts: handle, revisions };
};

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

it('what has not changed is not sent again; revisions grow also over supervisors', () => {
  const snapshots = new Snapshots(() => 1000);
  const one = worker();
  snapshots.update('b', plain, [one.handle]);
  snapshots.update('b', { ...plain }, [one.handle]);
  snapshots.update('b', { ...plain, stickyKey: 'c' }, [one.handle]);
  assert.deepEqual(one.revisions, [1000, 1001]);
  const late = worker();
  snapshots.greet('b', late.handle);
  snapshots.greet('unknown', late.handle);
  assert.deepEqual(late.revisions, [1001]);
});

it('who has applied, refused, gone or hung up is not waited for; nobody for longer than the limit', () => {
  const snapshots = new Snapshots(() => 5);
  const workers = [worker(), worker(), worker(), worker()] as const;
  const ends: boolean[] = [];
  const end = (complete: boolean): void => void ends.push(complete);
  const all = workers.map(({ handle }) => ({ worker: handle, revision: 5 }));
  snapshots.whenPast(all, 1000, end);
  snapshots.heard(workers[0].handle, { say: 'applied', revision: 4 });
  snapshots.heard(workers[0].handle, { say: 'applied', revision: 5 });
  snapshots.heard(workers[1].handle, { say: 'refused', revision: 5, place: 'p', reason: 'r' });
  workers[2].facts.gone = true;
  assert.equal(ends.length, 0);
  workers[3].facts.connected = false;
  snapshots.lookAgain();
  assert.deepEqual(ends, [true]);

  const silent = worker();
  snapshots.whenPast([{ worker: silent.handle, revision: 5 }], 1000, end);
  mock.timers.tick(1000);
  snapshots.heard(silent.handle, { say: 'applied', revision: 5 });
  assert.deepEqual(ends, [true, false]);
  snapshots.whenPast([], 1000, end);
  assert.deepEqual(ends, [true, false, true]);
});
