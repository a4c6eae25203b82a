/** What is done once per cluster, as one suite over every engine: each member has a connection of its own. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cached } from '../../src/cluster-api/cached/cached.ts';
import { createCached } from '../../src/cluster-api/cached/cached.ts';
import type { FetchContext } from '../../src/cluster-api/cached/call.ts';
import type { CachedOptions } from '../../src/cluster-api/cached/options.ts';
import type { EveryOptions } from '../../src/cluster-api/jobs/every.ts';
import { createEvery } from '../../src/cluster-api/jobs/every.ts';
import type { JobContext } from '../../src/cluster-api/jobs/job.ts';
import type { OnceContext } from '../../src/cluster-api/jobs/once.ts';
import { createOnce } from '../../src/cluster-api/jobs/once.ts';
import type { Office } from '../../src/cluster-api/leader/office.ts';
import { openOffice } from '../../src/cluster-api/leader/office.ts';
import type { Member } from '../../src/cluster-api/member.ts';
import type { State } from '../../src/state/contract.ts';
import { rejectsWith } from './state-conformance.ts';
import { until } from './wait.ts';

/** A worker in miniature. */
interface TestMember extends Member {
  readonly cached: (
    key: string,
    options: CachedOptions,
    fn: (context: FetchContext) => unknown,
  ) => Cached<unknown>;
  readonly every: (
    name: string,
    when: string | number,
    fn: (context: JobContext) => unknown,
    options?: EveryOptions,
  ) => ReturnType<ReturnType<typeof createEvery>>;
  readonly once: ReturnType<typeof createOnce>;
  readonly office: Office;
  /** Begins to drain. */
  leave(): void;
  end(): Promise<void>;
}

export interface OnceSuiteOptions {
  /** A state over a connection of its own, in this namespace. */
  readonly connect: (namespace: string) => State;
}

let count = 0;

export const onceSuite = (engine: string, { connect }: OnceSuiteOptions): void => {
  /** Workers of one app of its own, which end with the test. */
  const members = (t: TestContext, howMany: number, scope = 'first'): TestMember[] => {
    count += 1;
    const namespace = `once${count}-${process.pid}`;
    return Array.from({ length: howMany }, () => member(t, connect(namespace), scope));
  };

  suite(`once per cluster, over ${engine}`, () => {
    values(members);
    jobs(members);
    onces(members);
  });
};

type Members = (t: TestContext, howMany: number, scope?: string) => TestMember[];

const member = (t: TestContext, state: State, scope: string): TestMember => {
  const listeners: (() => void)[] = [];
  const hooks = new Set<() => Promise<void>>();
  let leaving = false;
  let office: Office | undefined;
  const base: Member = {
    state,
    leaving: () => leaving,
    onLeaving: (listener) => void listeners.push(listener),
    onEnding(hook) {
      hooks.add(hook);
      return () => void hooks.delete(hook);
    },
  };
  const open = (): Office => (office ??= openOffice(base));
  const every = createEvery(base, open);
  const one: TestMember = {
    ...base,
    cached: createCached(base),
    every: (name, when, fn, options = {}) => every(name, when, fn, options),
    once: createOnce(base, scope),
    get office() {
      return open();
    },
    leave() {
      leaving = true;
      for (const listener of listeners.splice(0)) listener();
    },
    async end() {
      for (const hook of [...hooks].toReversed()) await hook();
      hooks.clear();
    },
  };
  t.after(async () => {
    one.leave();
    await one.end();
    await state.close();
  });
  return one;
};

const values = (members: Members): void => {
  test('eight workers, one call in each interval, pushed to all', async (t) => {
    const calls: number[] = [];
    const handles = members(t, 8).map((one) =>
      one.cached('rates', { every: 200 }, async () => {
        calls.push(Date.now());
        await delay(10);
        return { n: calls.length, list: [1, { x: 1 }] };
      }),
    );
    const first = await Promise.all(handles.map((one) => one.get()));
    assert.deepEqual(new Set(first.map((value) => JSON.stringify(value))).size, 1);
    await until('five turns', () => calls.length >= 5);
    await until('all have the last', () =>
      handles.every(({ value }) => (value as { n: number }).n === calls.length),
    );
    const gaps = calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
    assert.ok(
      gaps.every((gap) => gap > 100),
      `no two in one interval: ${gaps.join()}`,
    );
    const value = handles[3]?.value as { list: unknown[] };
    assert.throws(() => value.list.push(2), TypeError);
    assert.equal(handles[3]?.value, await handles[3]?.get(), 'one object for all who read');
    assert.ok((handles[3]?.ageMs ?? Infinity) < 1_000);
  });

  test('on demand: made when somebody asks and it is older, by one', async (t) => {
    let calls = 0;
    const all = members(t, 4);
    const handles = all.map((one) => one.cached('page', { ttl: 1_000 }, () => ({ n: (calls += 1) })));
    assert.equal(handles[0]?.value, undefined);
    assert.equal(handles[0]?.ageMs, undefined);
    const ask = (): Promise<unknown[]> =>
      Promise.all(handles.flatMap((one) => Array.from({ length: 10 }, () => one.get())));
    assert.deepEqual(new Set((await ask()).map((value) => (value as { n: number }).n)), new Set([1]));
    await until('it is older', () => (handles[0]?.ageMs ?? 0) > 1_000);
    assert.equal(calls, 1, 'nobody asked');
    assert.deepEqual(new Set((await ask()).map((value) => (value as { n: number }).n)), new Set([2]));
    assert.equal(calls, 2);
  });

  test('a stale value is given out at once while a new one is made, and not for longer', async (t) => {
    let calls = 0;
    const [one] = members(t, 1);
    assert.ok(one);
    const gate = { open: Promise.resolve() };
    const handle = one.cached('page', { ttl: 40, stale: 1_000, timeout: 5_000 }, async () => {
      await gate.open;
      return (calls += 1);
    });
    assert.equal(await handle.get(), 1);
    let openGate = (): void => {};
    gate.open = new Promise((resolve) => (openGate = resolve));
    await until('it is stale', () => (handle.ageMs ?? 0) > 40);
    assert.equal(await handle.get(), 1);
    await until('it is too old', () => (handle.ageMs ?? 0) > 1_040);
    assert.equal(handle.value, undefined);
    const waiting = handle.get();
    openGate();
    assert.equal(await waiting, 2);
  });

  test('the last good value stays when fn fails; error and age are seen by all', async (t) => {
    let fails = false;
    let calls = 0;
    const handles = members(t, 3).map((one) =>
      one.cached('rates', { every: 100 }, () => {
        calls += 1;
        if (fails) throw new TypeError('the source is down');
        return calls;
      }),
    );
    await Promise.all(handles.map((one) => one.get()));
    assert.equal(handles[0]?.error, undefined);
    fails = true;
    await until('all know of the failure', () => handles.every(({ error }) => error !== undefined));
    const last = handles.map(({ value }) => value);
    for (const { error } of handles) {
      assert.equal(error?.code, 'E_CACHED_FAILED');
      assert.match(error.message, /rates could not be made: the source is down/);
    }
    const failing = handles.filter(({ error }) => error?.cause instanceof TypeError);
    assert.ok(failing.length <= 1, 'the cause is where it ran');
    const [before, since] = [calls, performance.now()];
    await until('it gets older', () => (handles[0]?.ageMs ?? 0) > 300);
    const turns = (performance.now() - since) / 100;
    assert.ok(
      calls - before <= turns + 1,
      `a failing fn is called no more often: ${calls - before} in ${turns}`,
    );
    assert.deepEqual(await Promise.all(handles.map((one) => one.get())), last);
    fails = false;
    await until('all is well', () =>
      handles.every(({ error, value }) => error === undefined && value !== last[0]),
    );
  });

  test('without any value all who wait get the error, and the next are not held up', async (t) => {
    let calls = 0;
    const handles = members(t, 3).map((one) =>
      one.cached('rates', { ttl: '1h' }, async () => {
        calls += 1;
        await delay(20);
        if (calls < 2) throw new Error('not yet');
        return 'well';
      }),
    );
    const results = await Promise.allSettled(handles.flatMap((one) => [one.get(), one.get()]));
    assert.equal(results.filter(({ status }) => status === 'rejected').length, 6);
    for (const one of handles) await rejectsWith('E_CACHED_FAILED', one.get());
    assert.equal(calls, 1, 'for a second nobody calls again');
    await until('it is tried again', () => handles[0]?.get().catch(() => false));
    assert.equal(await handles[2]?.get(), 'well');
    assert.equal(calls, 2);
  });

  test('what cannot be stored is refused with its place, everywhere, and nothing falls', async (t) => {
    const [a, b] = members(t, 2);
    assert.ok(a && b);
    const fn = (): unknown => ({ rows: [{ at: new Date(0) }] });
    const error = await rejectsWith('E_STATE_VALUE', a.cached('bad', { every: 150 }, fn).get());
    assert.match(error.message, /bad cannot be stored: value\.rows\[0\]\.at is an instance of Date/);
    await rejectsWith('E_STATE_VALUE', b.cached('bad', { every: 150 }, fn).get());
    await rejectsWith('E_STATE_VALUE', a.cached('none', { ttl: 50 }, () => undefined).get());
    await rejectsWith('E_STATE_TOO_LARGE', a.cached('large', { ttl: 50 }, () => 'x'.repeat(1_048_576)).get());
    assert.equal(await a.cached('good', { ttl: 50 }, () => 1).get(), 1);
  });

  test('fn that hangs is given up, its signal aborts, and another call may be made', async (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    const signals: AbortSignal[] = [];
    const handle = one.cached('slow', { ttl: 50, timeout: 60, retry: 10 }, ({ signal }) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise(() => {}) : 'quick';
    });
    await rejectsWith('E_CALL_TIMEOUT', handle.get());
    assert.ok(signals[0]?.aborted);
    assert.equal(await until('it is quick', () => handle.get().catch(() => false)), 'quick');
    assert.equal(signals[1]?.aborted, false);
  });

  test('a worker that comes later has the value without a call; refresh makes a newer one for all', async (t) => {
    const [a, b, c] = members(t, 3);
    assert.ok(a && b && c);
    let calls = 0;
    const fn = (): number => (calls += 1);
    const first = a.cached('n', { every: '1h' }, fn);
    const second = b.cached('n', { every: '1h' }, fn);
    assert.deepEqual(await Promise.all([first.get(), second.get()]), [1, 1]);
    const late = c.cached('n', { every: '1h' }, fn);
    assert.equal(await late.get(), 1);
    assert.deepEqual(await Promise.all([first.refresh(), first.refresh()]), [2, 2]);
    await until('it is pushed', () => late.value === 2 && second.value === 2);
    assert.equal(calls, 2);
    assert.equal(c.cached('n', { every: '1h' }, fn), late, 'one of a key in a process');
    assert.throws(() => c.cached('n', { every: '2h' }, fn), {
      code: 'E_BAD_VALUE',
      message: /in use with other options/,
    });
  });

  test('of those who drain nobody makes it, and what is closed says so', async (t) => {
    const [a, b] = members(t, 2);
    assert.ok(a && b);
    const by: string[] = [];
    const one = a.cached('n', { every: 120 }, () => by.push('a'));
    const other = b.cached('n', { every: 120 }, () => by.push('b'));
    await Promise.all([one.get(), other.get()]);
    a.leave();
    by.length = 0;
    await until('turns go on', () => by.length >= 2);
    assert.ok(!by.includes('a'));
    await until('who drains is told', () => one.value === by.length);
    await a.end();
    await rejectsWith(
      'E_STATE_CLOSED',
      one.get().then(() => one.refresh()),
    );
    await other.close();
    await rejectsWith('E_STATE_CLOSED', other.refresh());
    await other.close();
  });

  test('what no option can be is said at the call', (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    const make = (options: unknown, key = 'x') => one.cached(key, options as CachedOptions, () => 1);
    for (const options of [
      {},
      { every: 0 },
      { every: 50 },
      { ttl: 'soon' },
      { every: '1s', ttl: '1s' },
      { ttl: '1s', stale: -1 },
      { ttl: '1s', timeout: 0 },
    ])
      assert.throws(() => make(options), { code: 'E_BAD_VALUE' }, JSON.stringify(options));
    assert.throws(() => make({ every: '1h' }, ''), { code: 'E_STATE_KEY' });
    assert.throws(() => make({ every: '1h' }, 'x'.repeat(600)), { code: 'E_STATE_KEY' });
  });
};

const jobs = (members: Members): void => {
  test('one leads and is told; another does at once when it leaves, with a greater token', async (t) => {
    const [a, b] = members(t, 2);
    assert.ok(a && b);
    const terms: { who: string; token: number; signal: AbortSignal }[] = [];
    const tell = (who: string) => (term: { token: number; signal: AbortSignal }) =>
      void terms.push({ who, ...term });
    a.office.onLeader(tell('a'));
    await until('a leads', () => a.office.isLeader() && terms.length > 0);
    b.office.onLeader(tell('b'));
    const off = b.office.onLeader(() => assert.fail('taken off'));
    off();
    if (a.state.engine !== 'memory') assert.equal(b.office.isLeader(), false);
    a.leave();
    await until('b is told', () => terms.some(({ who }) => who === 'b'));
    assert.ok(b.office.isLeader());
    assert.equal(a.office.isLeader(), false);
    const [first, second] = terms;
    assert.ok(first && second && second.token > first.token);
    assert.equal((first.signal.reason as { code: string }).code, 'E_LOCK_LOST');
    assert.equal(second.signal.aborted, false);
  });

  test('a job runs on one, at the times of the clock, none twice', async (t) => {
    const runs: { who: number; at: number; token: number }[] = [];
    members(t, 4).forEach((one, who) => {
      const job = one.every(
        'tick',
        100,
        ({ scheduledAt, token }) => void runs.push({ who, at: scheduledAt.getTime(), token }),
      );
      assert.equal((job.next()?.getTime() ?? 1) % 100, 0);
    });
    await until('some runs', () => runs.length >= 5);
    assert.equal(new Set(runs.map(({ who }) => who)).size, 1);
    assert.equal(new Set(runs.map(({ at }) => at)).size, runs.length);
    assert.ok(runs.every(({ at }) => at % 100 === 0));
    assert.equal(new Set(runs.map(({ token }) => token)).size, 1);
  });

  test('when the leader leaves its run ends first, and the next leader goes on with the next time', async (t) => {
    const all = members(t, 3);
    const runs: { who: number; at: number; token: number }[] = [];
    let inside = 0;
    all.forEach((one, who) => {
      one.every('tick', 100, async ({ scheduledAt, token, check }) => {
        inside += 1;
        assert.equal(inside, 1, 'never two at once');
        runs.push({ who, at: scheduledAt.getTime(), token });
        await delay(60);
        check();
        inside -= 1;
      });
    });
    await until('a run is under way', () => inside === 1);
    const leader = runs.at(-1)?.who ?? 0;
    all[leader]?.leave();
    const after = await until('another runs it', () => runs.find(({ who }) => who !== leader));
    assert.ok(after.token > (runs[0]?.token ?? Infinity));
    assert.equal(new Set(runs.map(({ at }) => at)).size, runs.length, 'no time twice');
    await until('it goes on', () => runs.length > runs.indexOf(after) + 2);
  });

  test('what a job throws is told, a run that takes too long is told, and the next one runs', async (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    const errors: string[] = [];
    let runs = 0;
    const job = one.every(
      'bad',
      100,
      async () => {
        runs += 1;
        if (runs === 1) throw new Error('broken');
        if (runs === 2) await until('it was told', () => errors.includes('E_JOB_SKIPPED'));
      },
      { onError: (error) => errors.push((error as { code?: string }).code ?? (error as Error).message) },
    );
    await until('it goes on', () => runs >= 4);
    assert.deepEqual(errors, ['broken', 'E_JOB_SKIPPED']);
    await job.close();
    const ended = runs;
    await delay(150);
    assert.equal(runs, ended);
  });

  test('a run whose leader died is skipped and told, or made again if that is asked for', async (t) => {
    for (const interrupted of ['skip', 'rerun'] as const) {
      const [one] = members(t, 1);
      assert.ok(one);
      const tick = Date.now() - 1_000;
      // As the leader left it that died.
      await one.state.namespace('job').set('job', { tick, handled: tick, token: 1, state: 'running' });
      const seen: unknown[] = [];
      one.every('job', '1h', ({ scheduledAt }) => seen.push(scheduledAt.getTime()), {
        interrupted,
        onError: (error) => seen.push((error as { code: string }).code),
      });
      await until('it is settled', () => seen.length > 0);
      assert.deepEqual(seen, [interrupted === 'skip' ? 'E_JOB_INTERRUPTED' : tick]);
    }
  });

  test('a leader that another has followed runs nothing', async (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    const entry = { tick: 0, handled: 0, token: Number.MAX_SAFE_INTEGER, state: 'ended' };
    await one.state.namespace('job').set('job', entry);
    let runs = 0;
    one.every('job', 100, () => (runs += 1));
    await until('it leads', () => one.office.isLeader());
    await delay(190);
    assert.equal(runs, 0);
    assert.deepEqual(await one.state.namespace('job').get('job'), entry);
  });

  test('what no job can be is said at the call', (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    const fn = (): void => {};
    const bad = { code: 'E_BAD_VALUE' };
    for (const when of ['soon', '* * * *', '61 * * * *', '0 0 31 2 *', '', 0, -1, 5, Number.NaN, '1e3', {}])
      assert.throws(() => one.every('job', when as string, fn), bad, JSON.stringify(when));
    assert.throws(() => one.every('job', '0 4 * * *', fn, { timeZone: 'Mars/Base' }), {
      ...bad,
      message: /Mars\/Base/,
    });
    assert.throws(() => one.every('job', '1h', undefined as unknown as () => void), bad);
    assert.throws(() => one.every('job', '1h', fn, { catchUp: 1 }), bad);
    assert.throws(() => one.every('job', '1h', fn, { interrupted: 'x' as 'skip' }), bad);
    assert.throws(() => one.every('', '1h', fn), { code: 'E_STATE_KEY' });
    one.every('job', '0 4 * * *', fn, { timeZone: 'Europe/Berlin' });
    assert.throws(() => one.every('job', '@daily', fn), { ...bad, message: /free/ });
  });
};

const onces = (members: Members): void => {
  test('one does it, all get the result, also those that come later', async (t) => {
    const all = members(t, 6);
    let runs = 0;
    const fn = async (): Promise<unknown> => {
      runs += 1;
      await delay(30);
      return { warm: [runs] };
    };
    const results = await Promise.all(
      all.slice(1).flatMap((one) => [one.once('warm', fn, {}), one.once('warm', fn, {})]),
    );
    assert.deepEqual(new Set(results.map((value) => JSON.stringify(value))), new Set(['{"warm":[1]}']));
    assert.deepEqual(await all[0]?.once('warm', fn, {}), { warm: [1] });
    assert.throws(() => (results[0] as { warm: number[] }).warm.push(2), TypeError);
    assert.equal(runs, 1);
    assert.equal(await all[0]?.once('nothing', () => {}, { per: 'cluster' }), undefined);
    assert.equal(await all[1]?.once('nothing', () => assert.fail('twice'), { per: 'cluster' }), undefined);
  });

  test('each deployment does it again, unless it is for the whole cluster', async (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    const next = createOnce(one, 'second');
    const runs: string[] = [];
    const ask = (once: typeof next, per: 'generation' | 'cluster') =>
      once('x', () => runs.push(per), { per });
    for (const per of ['generation', 'cluster'] as const)
      for (const once of [one.once, next, one.once, next]) await ask(once, per);
    assert.deepEqual(runs, ['generation', 'generation', 'cluster']);
  });

  test('a failure is for all who wait; who asks later tries again', async (t) => {
    const all = members(t, 4);
    let runs = 0;
    const fn = async (): Promise<string> => {
      runs += 1;
      await delay(50);
      if (runs === 1) throw new RangeError('no connection');
      return 'done';
    };
    const failed = await Promise.allSettled(all.map((one) => one.once('migrate', fn, {})));
    for (const one of failed) {
      assert.ok(one.status === 'rejected');
      const { code, message } = one.reason as { code: string; message: string };
      assert.equal(code, 'E_ONCE_FAILED');
      assert.match(message, /migrate, which is done once, failed: no connection/);
    }
    assert.equal(runs, 1);
    assert.equal(
      failed.filter((one) => one.status === 'rejected' && (one.reason as Error).cause instanceof RangeError)
        .length,
      1,
    );
    assert.equal(await all[2]?.once('migrate', fn, {}), 'done');
    assert.equal(runs, 2);
  });

  test('whoever dies in it is followed by another within 2 s, with a greater token', async (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    // As a worker left it that was killed: held, and never renewed.
    const key = 'first:migrate';
    const seats = one.state.namespace('once').namespace('lock');
    const token = await seats.set(key, 'dead', { ttl: 1_200 });
    const began = performance.now();
    const mine = await one.once('migrate', (context: OnceContext) => context.token, {});
    assert.ok(performance.now() - began < 2_000);
    assert.ok((mine as number) > token);
  });

  test('what cannot be stored is refused', async (t) => {
    const [one] = members(t, 1);
    assert.ok(one);
    await rejectsWith(
      'E_STATE_VALUE',
      one.once('x', () => new Map(), {}),
    );
    assert.throws(() => one.once('x', () => 1, { per: 'day' as 'cluster' }), { code: 'E_BAD_VALUE' });
    assert.throws(() => one.once('', () => 1, {}), { code: 'E_STATE_KEY' });
  });
};
