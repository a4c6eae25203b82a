/** Breakers of several workers over one shared state; what holds for any link is in shared-breaker.test.ts. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import fc from 'fast-check';
import { SkeinError } from '../../../src/core/errors.ts';
import { breaker, type Breaker } from '../../../src/resilience/breaker.ts';
import type { BreakerNews } from '../../../src/resilience/breaker-link.ts';
import { consecutive } from '../../../src/resilience/rules.ts';
import { createStateLink } from '../../../src/resilience/state-link.ts';
import type { Engine } from '../../../src/state/engine.ts';
import { createMemoryEngine } from '../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../src/state/state.ts';
import type { State } from '../../../src/state/contract.ts';
import { byHand, down, fails, type FakeClock, fakeClock, ok, turn, withCode } from './support.ts';

const options = { rule: consecutive(1), openFor: 1_000, probeLimit: 20_000 };

const stateOver = (engine: Engine): State => createStateOver(engine, { prefix: 't:', maxValueBytes: 10_000 });
const memory = (): Engine => createMemoryEngine({ maxBytes: 1_000_000 });

/** Each worker has an engine of its own, so that one can be cut off. */
const worker = (engine: Engine, clock: FakeClock): Breaker =>
  breaker('payments', { ...options, clock, link: createStateLink(stateOver(engine)) });

/** An engine that fails while it is cut off, and says afterwards that changes went by. */
const cuttable = (inner: Engine) => {
  const listeners = new Set<Parameters<Engine['subscribe']>[1]>();
  let cut = false;
  const away = (): void => {
    if (cut)
      throw new SkeinError('E_STATE_AWAY', { operation: 'get', key: 'k', engine: 'it', reason: 'cut' });
  };
  const engine: Engine = {
    ...inner,
    get: async (...args) => (away(), inner.get(...args)),
    compareAndSet: async (...args) => (away(), inner.compareAndSet(...args)),
    subscribe: async (selector, listener) => {
      away();
      listeners.add(listener);
      return inner.subscribe(selector, (change) => void (cut || listener(change)));
    },
  };
  return {
    engine,
    cut: (): void => void (cut = true),
    mend: (): void => {
      cut = false;
      for (const listener of listeners) listener({ type: 'missed' });
    },
  };
};

test('a worker that comes later hears what is so, with the time that is left', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const [engine, clock] = [memory(), fakeClock()];
  const one = worker(engine, clock);
  await assert.rejects(one.run(fails), down);
  await turn();
  t.mock.timers.tick(600);
  const late = worker(engine, clock);
  await turn();
  assert.equal(late.state, 'open');
  // Less what really passes meanwhile.
  clock.advance(300);
  await assert.rejects(late.run(ok), withCode('E_BREAKER_OPEN'));
  clock.advance(100);
  assert.equal(await late.run(ok), 'ok');
});

test('isolated by hand, it is so for workers that come when no other is left', async () => {
  const engine = memory();
  const one = worker(engine, fakeClock());
  one.isolate();
  await turn();
  one.close();
  const late = worker(engine, fakeClock());
  await turn();
  assert.equal(late.state, 'isolated');
});

test('the worker that tests is the only one, for as long as the test takes; then the next call tests', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [engine, clock] = [memory(), fakeClock()];
  const [one, other] = [worker(engine, clock), worker(engine, clock)];
  await assert.rejects(one.run(fails), down);
  await turn();
  clock.advance(1_000);
  const controller = new AbortController();
  const testing = one.run(byHand().call, { signal: controller.signal });
  await turn();
  await assert.rejects(other.run(ok), withCode('E_BREAKER_OPEN'));
  controller.abort();
  await assert.rejects(testing, { name: 'AbortError' });
  await turn();
  await assert.rejects(other.run(ok), withCode('E_BREAKER_OPEN'), 'it does not ask at every call');
  clock.advance(100);
  assert.equal(await other.run(ok), 'ok');
  await turn();
  assert.equal(one.state, 'closed');
});

test('who gets the right to test an instant after a test worked makes a call like any other', async () => {
  const clock = fakeClock();
  const [shared, deaf] = [memory(), memory()];
  const [one, other] = [worker(shared, clock), worker({ ...shared, subscribe: deaf.subscribe }, clock)];
  await turn();
  await assert.rejects(other.run(fails), down);
  await turn();
  clock.advance(1_000);
  assert.equal(await one.run(ok), 'ok');
  await turn();
  assert.equal(other.state, 'open', 'it has not heard of it yet');
  const states: string[] = [];
  await other.run(() => states.push(other.state));
  assert.deepEqual(states, ['closed']);
  assert.equal(other.metrics().changes['half-open'], 0);
});

test('the right to test is free only when what came of the test is there to be read', async () => {
  const [engine, clock] = [memory(), fakeClock()];
  const written = byHand<void>();
  let slow = false;
  const late: Engine['compareAndSet'] = async (key, ...rest) => {
    if (slow && key.includes('news')) await written.call();
    return engine.compareAndSet(key, ...rest);
  };
  const [one, other] = [worker({ ...engine, compareAndSet: late }, clock), worker(engine, clock)];
  await assert.rejects(one.run(fails), down);
  await turn();
  clock.advance(1_000);
  slow = true;
  assert.equal(await one.run(ok), 'ok');
  await turn();
  await assert.rejects(other.run(ok), withCode('E_BREAKER_OPEN'));
  written.resolve();
  await turn();
  assert.equal(await other.run(ok), 'ok');
  assert.equal(other.metrics().changes['half-open'], 0);
});

test('a right to test that comes too late is given back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [engine, clock] = [memory(), fakeClock()];
  const written = byHand<void>();
  const late: Engine['compareAndSet'] = async (key, ...rest) => {
    if (key.includes('lock')) await written.call();
    return engine.compareAndSet(key, ...rest);
  };
  const one = worker({ ...engine, compareAndSet: late }, clock);
  await assert.rejects(one.run(fails), down);
  await turn();
  clock.advance(1_000);
  const testing = one.run(fails);
  await turn();
  t.mock.timers.tick(1_000);
  await assert.rejects(testing, down, 'it tested on its own');
  written.resolve();
  await turn();
  assert.equal(await createStateLink(stateOver(engine)).claimProbe('payments', 1_000), true);
});

test('a worker that dies while it tests: another may after three seconds', async () => {
  let now = 0;
  const engine = createMemoryEngine({ maxBytes: 1_000_000, now: () => now });
  const [dead, alive] = [createStateLink(stateOver(engine)), createStateLink(stateOver(engine))];
  // Dead: its timers do not run any more.
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    assert.equal(await dead.claimProbe('payments', 30_000), true);
    now = 2_999;
    assert.equal(await alive.claimProbe('payments', 30_000), false);
    now = 3_000;
    assert.equal(await alive.claimProbe('payments', 30_000), true);
    alive.endProbe('payments');
  } finally {
    mock.timers.reset();
  }
});

test('the state is away: it goes on alone and counts that; both hear of each other when it is back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [engine, clock] = [memory(), fakeClock()];
  const line = cuttable(engine);
  const [one, other] = [worker(line.engine, clock), worker(engine, clock)];
  await turn();
  line.cut();
  await assert.rejects(one.run(fails), down);
  await turn();
  assert.deepEqual([one.state, other.state], ['open', 'closed']);
  assert.ok(one.metrics().linkFailures > 0);
  line.mend();
  await turn();
  assert.deepEqual([one.state, other.state], ['open', 'open']);

  line.cut();
  other.isolate();
  await turn();
  assert.equal(one.state, 'open');
  line.mend();
  await turn();
  assert.equal(one.state, 'isolated');
});

test('the state was away when it started: it links up by itself', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [engine, clock] = [memory(), fakeClock()];
  const line = cuttable(engine);
  line.cut();
  const [one, other] = [worker(line.engine, clock), worker(engine, clock)];
  other.isolate();
  await turn();
  assert.equal(one.state, 'closed');
  line.mend();
  t.mock.timers.tick(1_000);
  await turn();
  assert.equal(one.state, 'isolated');
});

test('the state lost everything: what the workers know is there again', async () => {
  const engine = memory();
  const state = stateOver(engine);
  const one = worker(engine, fakeClock());
  one.isolate();
  await turn();
  await state.namespace('news').delete('payments');
  await turn();
  const late = worker(engine, fakeClock());
  await turn();
  assert.equal(late.state, 'isolated');
});

test('what is under the key and no breaker wrote disturbs nobody, and is written over', async () => {
  const engine = memory();
  const state = stateOver(engine).namespace('news');
  await state.set('payments', { version: -1, state: 'on fire' });
  const [one, other] = [worker(engine, fakeClock()), worker(engine, fakeClock())];
  await turn();
  assert.equal(one.state, 'closed');
  await state.set('payments', 'nonsense');
  one.isolate();
  await turn();
  assert.equal(other.state, 'isolated');
  assert.equal((await state.get<BreakerNews>('payments'))?.state, 'isolated');
});

test('a breaker that was closed hears and tells nothing more', async () => {
  const engine = memory();
  const [one, other] = [worker(engine, fakeClock()), worker(engine, fakeClock())];
  await turn();
  one.close();
  one.isolate();
  await turn();
  assert.deepEqual([one.state, other.state], ['isolated', 'closed']);
  other.isolate();
  other.reset();
  await turn();
  assert.equal(one.state, 'isolated');
});

type Fault = 'none' | 'not done' | 'in doubt';

/** An engine whose calls and news take as long as the scheduler likes, and fail as `fault` says. */
const unreliable = (inner: Engine, scheduler: fc.Scheduler, fault: () => Fault) => {
  const listeners = new Set<Parameters<Engine['subscribe']>[1]>();
  const pass = async <T>(call: () => Promise<T>): Promise<T> => {
    const why = { operation: 'call', key: 'k', engine: 'it', reason: 'chance' };
    const what = fault();
    await scheduler.schedule(Promise.resolve(), 'request');
    if (what === 'not done') throw new SkeinError('E_STATE_AWAY', why);
    const answer = await call();
    await scheduler.schedule(Promise.resolve(), 'answer');
    if (what === 'in doubt') throw new SkeinError('E_STATE_IN_DOUBT', why);
    return answer;
  };
  const engine: Engine = {
    ...inner,
    get: (...args) => pass(() => inner.get(...args)),
    compareAndSet: (...args) => pass(() => inner.compareAndSet(...args)),
    subscribe: (selector, listener) =>
      pass(async () => {
        listeners.add(listener);
        let last = Promise.resolve();
        return inner.subscribe(selector, (change) => {
          if (fault() !== 'none') return;
          last = last.then(() => scheduler.schedule(Promise.resolve(), 'news')).then(() => listener(change));
        });
      }),
  };
  const missed = (): void => {
    for (const listener of listeners) listener({ type: 'missed' });
  };
  return { engine, missed };
};

const anyAct = fc.constantFrom('isolate', 'reset', 'fail', 'fail', 'fail', 'work', 'work', 'wait');
const anyActs = fc.array(fc.record({ who: fc.nat(2), act: anyAct }), { minLength: 1, maxLength: 14 });
const anyFaults = fc.infiniteStream(fc.constantFrom<Fault>('none', 'none', 'none', 'not done', 'in doubt'));

test('whatever workers decide at whatever time, and whatever is lost: when it is quiet all agree', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const property = fc.asyncProperty(fc.scheduler(), anyActs, anyFaults, async (scheduler, acts, faults) => {
    const [inner, clock] = [memory(), fakeClock()];
    let quiet = false;
    const fault = (): Fault => (quiet ? 'none' : faults.next().value);
    const lines = [1, 2, 3].map(() => unreliable(inner, scheduler, fault));
    const workers = lines.map(({ engine }) => worker(engine, clock));
    const acting = async (): Promise<void> => {
      for (const { who, act } of acts) {
        await scheduler.schedule(Promise.resolve(), act);
        const one = workers[who] as Breaker;
        if (act === 'isolate' || act === 'reset') one[act]();
        else if (act === 'wait') clock.advance(1_000);
        else void one.run(act === 'fail' ? fails : ok).catch(() => {});
      }
    };
    await scheduler.waitFor(acting());
    quiet = true;
    for (let round = 0; round < 3; round += 1) {
      await scheduler.waitIdle();
      for (const { missed } of lines) missed();
      mock.timers.tick(1_000);
    }
    await scheduler.waitIdle();
    const states = workers.map(({ state }) => (state === 'half-open' ? 'open' : state));
    const kept = await stateOver(inner).namespace('news').get<BreakerNews>('payments');
    assert.deepEqual(
      states,
      states.map(() => kept?.state ?? 'closed'),
    );
    const did = new Set(acts.map(({ act }) => act));
    // What workers find out by themselves never undoes what a hand decided.
    if (did.has('isolate') && !did.has('reset')) assert.equal(states[0], 'isolated');
    for (const one of workers) one.close();
    await scheduler.waitIdle();
  });
  try {
    await fc.assert(property, { numRuns: 300 });
  } finally {
    mock.timers.reset();
  }
});

test('a breaker that is closed while it asks for the test does not get it, and leaves it to others', async () => {
  const engine = memory();
  const [one, other] = [createStateLink(stateOver(engine)), createStateLink(stateOver(engine))];
  const end = one.subscribe(
    'payments',
    () => {},
    () => {},
  );
  const asked = one.claimProbe('payments', 30_000);
  end();
  assert.equal(await asked, false);
  assert.equal(await other.claimProbe('payments', 30_000), true);
  other.endProbe('payments');
});
