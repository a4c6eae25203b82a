/** Several breakers of one name that act as the breakers of several workers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breaker, type Breaker, type BreakerOptions } from '../../../src/resilience/breaker.ts';
import type { BreakerLink } from '../../../src/resilience/breaker-link.ts';
import { createLocalBreakerHub } from '../../../src/resilience/local-link.ts';
import { consecutive } from '../../../src/resilience/rules.ts';
import { createStateLink } from '../../../src/resilience/state-link.ts';
import { createMemoryEngine } from '../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../src/state/state.ts';
import { byHand, down, fails, type FakeClock, fakeClock, ok, turn, withCode } from './support.ts';

const options: BreakerOptions = { rule: consecutive(2), openFor: 1_000, probeLimit: 5_000 };

interface Workers {
  readonly workers: readonly [Breaker, Breaker, ...Breaker[]];
  readonly clock: FakeClock;
  /** Starts another worker. */
  readonly join: () => Breaker;
}

type Connect = (clock: FakeClock) => { readonly link: () => BreakerLink };

const links: Readonly<Record<string, Connect>> = {
  'one process': createLocalBreakerHub,
  'shared state': () => {
    const engine = createMemoryEngine({ maxBytes: 1_000_000 });
    const state = createStateOver(engine, { prefix: 't:', maxValueBytes: 10_000 });
    return { link: () => createStateLink(state) };
  },
};

const start = (count = 4, connect: Connect = createLocalBreakerHub): Workers => {
  const clock = fakeClock();
  const hub = connect(clock);
  const join = (): Breaker => breaker('payments', { ...options, clock, link: hub.link() });
  const more = Array.from({ length: count - 2 }, join);
  return { workers: [join(), join(), ...more], clock, join };
};

const states = (workers: readonly Breaker[]): string[] => workers.map(({ state }) => state);
const all = (state: string, { length }: readonly Breaker[]): string[] => Array.from({ length }, () => state);

/** The first worker sees the dependency die. */
const dependencyDies = async ([first]: Workers['workers']): Promise<void> => {
  await assert.rejects(first.run(fails), down);
  await assert.rejects(first.run(fails), down);
  await turn();
};

for (const [kind, connect] of Object.entries(links)) {
  test(`over ${kind}: one worker sees the dependency die: all refuse`, async () => {
    const { workers } = start(4, connect);
    await dependencyDies(workers);
    assert.deepEqual(states(workers), all('open', workers));
    for (const worker of workers) await assert.rejects(worker.run(ok), withCode('E_BREAKER_OPEN'));
    assert.equal(workers[1].metrics().fromLink, 1);
  });

  test(`over ${kind}: one call in all workers tests it, and when it is back all are closed`, async () => {
    const { workers, clock } = start(4, connect);
    await dependencyDies(workers);
    clock.advance(1_000);
    let calls = 0;
    const probe = byHand();
    const call = (): Promise<string> => {
      calls += 1;
      return probe.call();
    };
    const outcomes = Promise.allSettled(
      workers.flatMap((one) => [one.run(call), one.run(call), one.run(call)]),
    );
    await turn();
    assert.equal(calls, 1);
    probe.resolve('back');
    const settled = await outcomes;
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const one of settled) if (one.status === 'rejected') withCode('E_BREAKER_OPEN')(one.reason);
    await turn();
    assert.deepEqual(states(workers), all('closed', workers));
  });

  test(`over ${kind}: a test that fails keeps all of them open for the whole time again`, async () => {
    const { workers, clock } = start(4, connect);
    await dependencyDies(workers);
    clock.advance(1_000);
    await assert.rejects(workers[1].run(fails), down);
    await turn();
    clock.advance(999);
    for (const worker of workers) await assert.rejects(worker.run(ok), withCode('E_BREAKER_OPEN'));
    clock.advance(1);
    assert.equal(await workers[0].run(ok), 'ok');
  });

  test(`over ${kind}: isolate and reset hold for all workers`, async () => {
    const { workers } = start(4, connect);
    workers[0].isolate();
    await turn();
    assert.deepEqual(states(workers), all('isolated', workers));
    workers[1].reset();
    await turn();
    assert.deepEqual(states(workers), all('closed', workers));
  });

  test(`over ${kind}: two that open at the same time, and one that is isolated meanwhile, end in one state`, async () => {
    const { workers } = start(3, connect);
    const [one, two, three] = workers;
    await assert.rejects(one.run(fails));
    await assert.rejects(two.run(fails));
    const both = [one.run(fails), two.run(fails)];
    three?.isolate();
    await Promise.allSettled(both);
    await turn();
    assert.deepEqual(states(workers), all('isolated', workers));
  });
}

test('a worker that dies while it tests does not keep the others from it for ever', async () => {
  const { workers, clock } = start();
  await dependencyDies(workers);
  clock.advance(1_000);
  void workers[0].run(byHand().call);
  await turn();
  await assert.rejects(workers[1].run(ok), withCode('E_BREAKER_OPEN'));
  clock.advance(5_000);
  assert.equal(await workers[1].run(ok), 'ok');
  await turn();
  assert.deepEqual(states(workers), all('closed', workers));
});

test('a worker that joins later hears what is so, with the time that is left', async () => {
  const { workers, clock, join } = start();
  await dependencyDies(workers);
  clock.advance(600);
  const late = join();
  await turn();
  assert.equal(late.state, 'open');
  clock.advance(400);
  assert.equal(await late.run(ok), 'ok');
});

test('a breaker that left the link is on its own', async () => {
  const { workers } = start(2);
  workers[1].close();
  workers[1].close();
  await dependencyDies(workers);
  assert.deepEqual(states(workers), ['open', 'closed']);
  assert.equal(await workers[1].run(ok), 'ok');
});

test('another name is another breaker', async () => {
  const hub = createLocalBreakerHub();
  const one = breaker('a', { ...options, link: hub.link() });
  const other = breaker('b', { ...options, link: hub.link() });
  one.isolate();
  await turn();
  assert.equal(other.state, 'closed');
});

const broken = (claimProbe: BreakerLink['claimProbe']): BreakerLink => ({
  publish: () => {
    throw new Error('link is gone');
  },
  subscribe: () => {
    throw new Error('link is gone');
  },
  claimProbe,
  endProbe: () => {},
});

test('a link that fails leaves a breaker that works alone and counts the failures', async () => {
  const clock = fakeClock();
  const link = broken(() => Promise.reject(new Error('link is gone')));
  const one = breaker('b', { ...options, clock, link });
  await assert.rejects(one.run(fails), down);
  await assert.rejects(one.run(fails), down);
  await assert.rejects(one.run(ok), withCode('E_BREAKER_OPEN'));
  clock.advance(1_000);
  assert.equal(await one.run(ok), 'ok');
  assert.equal(one.state, 'closed');
  assert.ok(one.metrics().linkFailures >= 3);
  one.close();
});

test('a link that never answers is not waited for longer than a second', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = fakeClock();
  const one = breaker('b', { ...options, clock, link: broken(() => new Promise(() => {})) });
  await assert.rejects(one.run(fails), down);
  await assert.rejects(one.run(fails), down);
  clock.advance(1_000);
  const call = one.run(ok);
  await turn();
  t.mock.timers.tick(1_000);
  assert.equal(await call, 'ok');
});

test('while one asks for the right to test, its own other calls are refused', async () => {
  const clock = fakeClock();
  const claim = byHand<boolean>();
  const link = { ...createLocalBreakerHub(clock).link(), claimProbe: claim.call };
  const one = breaker('b', { ...options, clock, link });
  await assert.rejects(one.run(fails), down);
  await assert.rejects(one.run(fails), down);
  clock.advance(1_000);
  const first = one.run(ok);
  await assert.rejects(one.run(ok), withCode('E_BREAKER_OPEN'));
  claim.resolve(true);
  assert.equal(await first, 'ok');
});

test('isolated while it asks for the right to test, it makes no call', async () => {
  const clock = fakeClock();
  const claim = byHand<boolean>();
  const link = { ...createLocalBreakerHub(clock).link(), claimProbe: claim.call };
  const one = breaker('b', { ...options, clock, link });
  await assert.rejects(one.run(fails), down);
  await assert.rejects(one.run(fails), down);
  clock.advance(1_000);
  const first = one.run(() => assert.fail('called'));
  one.isolate();
  claim.resolve(true);
  await assert.rejects(first, withCode('E_BREAKER_ISOLATED'));
});
