import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalBuckets } from '../../../../src/balancer/limits/local-buckets.ts';
import { RateLimits } from '../../../../src/balancer/limits/rates.ts';
import { defaultFront } from '../../../../src/config/balance-defaults.ts';
import type { KeySource, RateLimit, RouteSettings } from '../../../../src/protocol/balance.ts';
import { createState } from '../../../../src/state/create.ts';
import type { State } from '../../../../src/state/contract.ts';

const route = (text: string, rateLimit: RateLimit | null): RouteSettings => ({
  text,
  place: 'balancer.routes[0]',
  match: { host: '*', path: '/', methods: [], headers: [] },
  action: { kind: 'pool', pool: 'app' },
  stripPrefix: '',
  addPrefix: '',
  rateLimit,
});

const front = (rate: RateLimit | null) => ({ limits: { ...defaultFront.limits, rate } });
const byAddress: KeySource = { from: 'address' };

test('a burst passes, then the rate', () => {
  const buckets = new LocalBuckets({ perSecond: 2, burst: 3 });
  assert.deepEqual(
    [1, 2, 3].map(() => buckets.take('a', 1_000)),
    [null, null, null],
  );
  assert.equal(buckets.take('a', 1_000), 500);
  assert.equal(buckets.take('b', 1_000), null);
  assert.equal(buckets.take('a', 1_400), 100);
  assert.equal(buckets.take('a', 1_500), null);
  assert.equal(buckets.take('a', 1_500), 500);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => buckets.take('a', 60_000)),
    [null, null, null, 500],
  );
});

test('keys of an attacker fill no memory', () => {
  const buckets = new LocalBuckets({ perSecond: 0.001, burst: 1 });
  for (let at = 0; at < 250_000; at += 1) buckets.take(`key ${at}`, at);
  assert.ok(buckets.size <= 100_000);
  const brief = new LocalBuckets({ perSecond: 1_000, burst: 1 });
  for (let at = 0; at < 50_000; at += 1) brief.take(`key ${at}`, at * 10);
  assert.ok(brief.size <= 2_048);
});

test('limits of all and of a route: what the route refuses is not counted for all', () => {
  let now = 0;
  const limited = route('/a', { key: { from: 'header', name: 'x' }, perSecond: 1, burst: 1 });
  const free = route('/b', null);
  const rates = new RateLimits(undefined, () => now).of(front({ key: byAddress, perSecond: 1, burst: 2 }), [
    limited,
    free,
  ]);
  const keyOf = (source: KeySource) => (source.from === 'header' ? 'h' : 'address');
  assert.equal(rates.admit(limited, keyOf), null);
  assert.equal(rates.admit(limited, keyOf), 1);
  assert.equal(rates.admit(free, keyOf), null);
  assert.equal(rates.admit(free, keyOf), 1);
  now = 1_000;
  assert.equal(rates.admit(free, keyOf), null);
});

test('a new snapshot forgets only the counts of limits that have changed', () => {
  const limits = new RateLimits(undefined, () => 0);
  const rate = { key: byAddress, perSecond: 1, burst: 1 };
  const keyOf = () => 'k';
  assert.equal(limits.of(front(rate), []).admit(route('/', null), keyOf), null);
  assert.equal(limits.of(front({ ...rate }), []).admit(route('/', null), keyOf), 1);
  assert.equal(limits.of(front({ ...rate, burst: 2 }), []).admit(route('/', null), keyOf), null);
  assert.equal(limits.of(front(null), []).admit(route('/', null), keyOf), null);
});

test('counted in a shared state it is one limit for all', async () => {
  const state = createState({ url: 'memory:' });
  const rate = { key: byAddress, perSecond: 0.5, burst: 3 };
  const [one, other] = [1, 2].map(() => new RateLimits(state).of(front(rate), []));
  const ask = async (rates: typeof one, key: string) => rates?.admit(route('/', null), () => key);
  const answers = [];
  for (const rates of [one, other, one, other, one]) answers.push(await ask(rates, 'k: ü /'));
  assert.deepEqual(answers.slice(0, 3), [null, null, null]);
  assert.ok(answers.slice(3).every((wait) => typeof wait === 'number' && wait >= 1 && wait <= 2));
  assert.equal(await ask(one, ''), null);
  assert.equal(await ask(one, 'x'.repeat(5_000)), null);
  // No failure of the state, after which each would count by itself for a while.
  assert.equal(await ask(one, 'half of a pair: \ud800'), null);
  assert.equal(typeof (await ask(other, 'k: ü /')), 'number');
  assert.equal(typeof (await ask(one, 'k: ü /')), 'number');
  await state.close();
});

test('while the shared state does not answer each process counts by itself', async () => {
  let now = 0;
  let asked = 0;
  const fail = async () => {
    asked += 1;
    throw new Error('gone');
  };
  const entries = { namespace: () => entries, getEntry: fail, compareAndSet: fail };
  const rates = new RateLimits(entries as unknown as State, () => now).of(
    front({ key: byAddress, perSecond: 1, burst: 1 }),
    [],
  );
  const ask = async () => rates.admit(route('/', null), () => 'k');
  assert.equal(await ask(), null);
  assert.equal(await ask(), 1);
  const before = asked;
  assert.equal(
    rates.admit(route('/', null), () => 'k'),
    1,
  );
  assert.equal(asked, before, 'it is left alone for a while');
  now = 5_000;
  await ask();
  assert.ok(asked > before);
});
