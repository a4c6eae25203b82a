import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { WorkerEvent, WorkerState } from '../../../src/supervisor/worker-state.ts';
import { isAlive, transition } from '../../../src/supervisor/worker-state.ts';

const exit = { code: 1, signal: null };
const restart = { then: 'restart', afterMs: 250 } as const;

const after = (
  events: readonly WorkerEvent[],
  from: WorkerState = { name: 'starting', since: 0 },
): WorkerState => events.reduce((state, event, index) => transition(state, event, index + 1), from);

test('a worker that is replaced goes through ready, draining and stopping to stopped', () => {
  const drain = { type: 'drain', limitMs: 30 } as const;
  const stop = { type: 'stop', killTimeoutMs: 10 } as const;
  assert.equal(after([{ type: 'ready' }]).name, 'ready');
  assert.deepEqual(after([{ type: 'ready' }, drain]), { name: 'draining', since: 2, limitAt: 32 });
  assert.deepEqual(after([{ type: 'ready' }, drain, stop]), {
    name: 'stopping',
    since: 3,
    killAt: 13,
    killed: false,
  });
  const ended = after([{ type: 'ready' }, drain, stop, { type: 'exited', exit, verdict: restart }]);
  assert.equal(ended.name, 'stopped');
});

test('a worker that ends unasked follows the verdict of the restart policy', () => {
  const ends = (verdict: Extract<WorkerEvent, { type: 'exited' }>['verdict']): WorkerState =>
    after([{ type: 'ready' }, { type: 'exited', exit, verdict }]);
  assert.deepEqual(ends(restart), { name: 'backing-off', since: 2, until: 252, exit });
  assert.deepEqual(ends({ then: 'stay-stopped' }), { name: 'stopped', since: 2, exit, asked: false });
  assert.deepEqual(ends({ then: 'give-up', reason: 'r' }), { name: 'failed', since: 2, exit, reason: 'r' });
});

test('a second stop does not move the time of the kill', () => {
  const stop = { type: 'stop', killTimeoutMs: 10 } as const;
  const once = after([stop]);
  assert.deepEqual(transition(once, stop, 5), once);
});

const anyEvent: fc.Arbitrary<WorkerEvent> = fc.oneof(
  fc.constant<WorkerEvent>({ type: 'ready' }),
  fc.constant<WorkerEvent>({ type: 'drain', limitMs: 30 }),
  fc.constant<WorkerEvent>({ type: 'stop', killTimeoutMs: 10 }),
  fc.constant<WorkerEvent>({ type: 'kill' }),
  fc.constantFrom<WorkerEvent>(
    { type: 'exited', exit, verdict: restart },
    { type: 'exited', exit, verdict: { then: 'stay-stopped' } },
    { type: 'exited', exit, verdict: { then: 'give-up', reason: 'r' } },
  ),
);

test('no order of events brings a worker back to life or back from a drain', () => {
  const rank = { starting: 0, ready: 1, draining: 2, stopping: 3, stopped: 4, 'backing-off': 4, failed: 4 };
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
      let state: WorkerState = { name: 'starting', since: 0 };
      events.forEach((event, index) => {
        const next = transition(state, event, index + 1);
        assert.ok(rank[next.name] >= rank[state.name]);
        if (!isAlive(state)) assert.equal(next, state);
        if (event.type === 'exited') assert.ok(!isAlive(next));
        state = next;
      });
    }),
  );
});
