import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action, Wanted, WorkerFact } from '../../../src/supervisor/decide.ts';
import { decide } from '../../../src/supervisor/decide.ts';
import type { WorkerState } from '../../../src/supervisor/worker-state.ts';
import { isAlive, transition } from '../../../src/supervisor/worker-state.ts';

const exit = { code: 1, signal: null };
const states = {
  starting: { name: 'starting', since: 0 },
  ready: { name: 'ready', since: 0 },
  draining: { name: 'draining', since: 0, limitAt: 30_000 },
  stopping: { name: 'stopping', since: 0, killAt: 10_000, killed: false },
  stopped: { name: 'stopped', since: 0, exit, asked: false },
  'backing-off': { name: 'backing-off', since: 0, until: 500, exit },
  failed: { name: 'failed', since: 0, exit, reason: 'r' },
} as const satisfies Record<string, WorkerState>;

const worker = (
  slot: number,
  generation: number,
  state: keyof typeof states,
  replace: WorkerFact['replace'] = null,
): WorkerFact => ({
  id: `${slot}.${generation}.${state}`,
  slot,
  generation,
  state: states[state],
  replace,
});

const wanted: Wanted = { run: true, generation: 2, instances: 2, parallel: 1 };

const cases: readonly (readonly [string, Wanted, readonly WorkerFact[], readonly Action[], boolean])[] = [
  [
    'nothing is there: all slots start together',
    { ...wanted, parallel: null },
    [],
    [
      { do: 'start', slot: 0 },
      { do: 'start', slot: 1 },
    ],
    false,
  ],
  [
    'a rollout starts one new worker first',
    wanted,
    [worker(0, 1, 'ready'), worker(1, 1, 'ready')],
    [{ do: 'start', slot: 0 }],
    false,
  ],
  [
    'while it starts, nothing else happens',
    wanted,
    [worker(0, 1, 'ready'), worker(0, 2, 'starting'), worker(1, 1, 'ready')],
    [],
    false,
  ],
  [
    'it is ready: the old one drains and the next slot begins',
    wanted,
    [worker(0, 1, 'ready'), worker(0, 2, 'ready'), worker(1, 1, 'ready')],
    [
      { do: 'drain', id: '0.1.ready' },
      { do: 'start', slot: 1 },
    ],
    false,
  ],
  [
    'a drain that goes on keeps the rollout from being over',
    wanted,
    [worker(0, 2, 'ready'), worker(1, 2, 'ready'), worker(1, 1, 'draining')],
    [],
    false,
  ],
  ['all are replaced', wanted, [worker(0, 2, 'ready'), worker(1, 2, 'ready')], [], true],
  [
    'a crashed worker waits for its time',
    wanted,
    [worker(0, 2, 'ready'), worker(1, 2, 'backing-off')],
    [],
    false,
  ],
  [
    'a worker that gave up is not started again',
    wanted,
    [worker(0, 2, 'ready'), worker(1, 2, 'failed')],
    [],
    true,
  ],
  ['a wanted end stays one', wanted, [worker(0, 2, 'stopped'), worker(1, 2, 'stopped')], [], true],
  ['not wanted, and nothing there: nothing is started', { ...wanted, run: false }, [], [], true],
  [
    'slots beyond the wanted number drain',
    { ...wanted, instances: 1 },
    [worker(0, 2, 'ready'), worker(1, 2, 'ready')],
    [{ do: 'drain', id: '1.2.ready' }],
    false,
  ],
  [
    'an undone rollout takes away what was starting and keeps what serves',
    { ...wanted, generation: 1 },
    [worker(0, 1, 'ready'), worker(0, 2, 'starting'), worker(1, 1, 'ready')],
    [{ do: 'stop', id: '0.2.starting' }],
    true,
  ],
  [
    'a new worker that serves goes only when the old generation is back in its slot',
    { ...wanted, generation: 1, parallel: 1 },
    [worker(0, 2, 'ready'), worker(1, 1, 'ready')],
    [{ do: 'start', slot: 0 }],
    false,
  ],
  [
    'too much memory: a new worker first',
    { ...wanted, parallel: null },
    [worker(0, 2, 'ready', 'memory'), worker(1, 2, 'ready')],
    [{ do: 'start', slot: 0 }],
    false,
  ],
  [
    'a hung worker is stopped, because it cannot drain',
    { ...wanted, instances: 1 },
    [worker(0, 2, 'ready', 'hung'), { ...worker(0, 2, 'ready'), id: 'new' }],
    [{ do: 'stop', id: '0.2.ready' }],
    false,
  ],
  [
    'stop: what serves drains, what starts is stopped',
    { ...wanted, run: false },
    [worker(0, 2, 'ready'), worker(1, 2, 'starting')],
    [
      { do: 'drain', id: '0.2.ready' },
      { do: 'stop', id: '1.2.starting' },
    ],
    false,
  ],
];

for (const [name, want, workers, actions, settled] of cases)
  test(name, () => {
    const decision = decide(want, workers, 100);
    assert.deepEqual(decision.actions, actions);
    if (actions.length === 0) assert.equal(decision.settled, settled);
  });

test('it says when to look again', () => {
  assert.equal(decide(wanted, [worker(0, 2, 'ready'), worker(1, 2, 'backing-off')], 100).wakeAt, 500);
  assert.equal(
    decide(wanted, [worker(0, 2, 'ready'), worker(1, 2, 'ready'), worker(1, 1, 'stopping')], 100).wakeAt,
    10_000,
  );
});

test('the kill limit and a drain that nobody ends', () => {
  assert.deepEqual(
    decide(wanted, [worker(0, 2, 'ready'), worker(1, 2, 'ready'), worker(1, 1, 'stopping')], 10_000).actions,
    [{ do: 'kill', id: '1.1.stopping' }],
  );
  assert.deepEqual(
    decide(wanted, [worker(0, 2, 'ready'), worker(1, 2, 'ready'), worker(1, 1, 'draining')], 31_000).actions,
    [{ do: 'stop', id: '1.1.draining' }],
  );
});

/** A world in which decisions are carried out and anything may happen in between. */
interface Model {
  wanted: Wanted;
  workers: WorkerFact[];
  now: number;
  next: number;
}

const carryOut = (model: Model): boolean => {
  const { actions } = decide(model.wanted, model.workers, model.now);
  for (const action of actions) {
    if (action.do === 'start') {
      model.next += 1;
      const state: WorkerState = { name: 'starting', since: model.now };
      model.workers.push({
        id: String(model.next),
        slot: action.slot,
        generation: model.wanted.generation,
        state,
        replace: null,
      });
      continue;
    }
    const index = model.workers.findIndex(({ id }) => id === action.id);
    const target = model.workers[index]!;
    if (action.do === 'discard') model.workers.splice(index, 1);
    else {
      const event =
        action.do === 'drain'
          ? ({ type: 'drain', limitMs: 30_000 } as const)
          : action.do === 'stop'
            ? ({ type: 'stop', killTimeoutMs: 1600 } as const)
            : ({ type: 'kill' } as const);
      model.workers[index] = { ...target, state: transition(target.state, event, model.now) };
    }
  }
  return actions.length > 0;
};

/** The next thing that a well-behaved world does to each worker. */
const settle = (model: Model): void => {
  for (let round = 0; round < 200; round += 1) {
    carryOut(model);
    model.now += 1000;
    model.workers = model.workers.map((one) => {
      if (one.state.name === 'starting')
        return { ...one, state: transition(one.state, { type: 'ready' }, model.now) };
      if (one.state.name === 'draining' || one.state.name === 'stopping')
        return {
          ...one,
          state: transition(
            one.state,
            { type: 'exited', exit, verdict: { then: 'stay-stopped' } },
            model.now,
          ),
        };
      return one;
    });
  }
};

const ready = (model: Model, slot: number): boolean =>
  model.workers.some((one) => one.slot === slot && one.state.name === 'ready');

test('whatever happens on the way: no served slot loses its worker to a decision, and it settles', () => {
  const step = fc.oneof(
    fc.record({ what: fc.constant('ready' as const), which: fc.nat(9) }),
    fc.record({ what: fc.constant('exit' as const), which: fc.nat(9) }),
    fc.record({ what: fc.constant('memory' as const), which: fc.nat(9) }),
    fc.record({ what: fc.constant('reload' as const), which: fc.nat(1) }),
    fc.record({ what: fc.constant('undo' as const), which: fc.nat(1) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 30 }),
      (instances, parallel, steps) => {
        const model: Model = {
          wanted: { run: true, generation: 1, instances, parallel: null },
          workers: [],
          now: 0,
          next: 0,
        };
        settle(model);
        let highest = 1;
        for (const { what, which } of steps) {
          model.now += 10;
          const one = model.workers[which % Math.max(1, model.workers.length)];
          if (what === 'reload') model.wanted = { ...model.wanted, generation: (highest += 1), parallel };
          else if (what === 'undo')
            model.wanted = { ...model.wanted, generation: Math.max(1, model.wanted.generation - 1) };
          else if (one !== undefined && isAlive(one.state)) {
            const index = model.workers.indexOf(one);
            const state =
              what === 'ready'
                ? transition(one.state, { type: 'ready' }, model.now)
                : what === 'exit'
                  ? transition(
                      one.state,
                      { type: 'exited', exit, verdict: { then: 'restart', afterMs: 100 } },
                      model.now,
                    )
                  : one.state;
            model.workers[index] = { ...one, state, replace: what === 'memory' ? 'memory' : one.replace };
          }
          const served = Array.from({ length: instances }, (_, slot) => ready(model, slot));
          carryOut(model);
          served.forEach((before, slot) =>
            assert.ok(!before || ready(model, slot), `slot ${slot} lost its worker`),
          );
          const starting = model.workers.filter(
            ({ state, generation }) => state.name === 'starting' && generation === model.wanted.generation,
          ).length;
          if (model.wanted.parallel !== null && what === 'reload') assert.ok(starting <= parallel);
        }
        settle(model);
        assert.equal(decide(model.wanted, model.workers, model.now).settled, true);
        assert.equal(model.workers.filter(({ state }) => isAlive(state)).length, instances);
        assert.ok(model.workers.every(({ generation }) => generation === model.wanted.generation));
      },
    ),
    { numRuns: 300 },
  );
});
