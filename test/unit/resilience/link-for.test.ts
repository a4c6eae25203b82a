import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { breaker } from '../../../src/resilience/breaker.ts';
import { createLocalBreakerHub } from '../../../src/resilience/local-link.ts';
import { consecutive } from '../../../src/resilience/rules.ts';
import { down, fails, ok, turn, withCode } from './support.ts';

test('shared, but alone: it behaves, and breakers of its name in this process act as one', async () => {
  const options = { rule: consecutive(1), shared: true, openFor: '1m' } as const;
  const [one, other, another] = [
    breaker('alone', options),
    breaker('alone', options),
    breaker('else', options),
  ];
  assert.equal(await one.run(ok), 'ok');
  await assert.rejects(one.run(fails), down);
  await turn();
  assert.deepEqual([one.state, other.state, another.state], ['open', 'open', 'closed']);
  assert.equal(one.metrics().linkFailures, 0);
  for (const each of [one, other, another]) each.close();
});

test('two ways to connect it, and names that cannot be a key, are refused', () => {
  const link = createLocalBreakerHub().link();
  assert.throws(() => breaker('b', { shared: true, link }), withCode('E_BAD_VALUE'));
  assert.throws(() => breaker('', { shared: true }), withCode('E_STATE_KEY'));
  assert.throws(() => breaker('x'.repeat(512), { shared: true }), withCode('E_STATE_KEY'));
  breaker('', { shared: false });
});

/** In a process of its own, because the state of the app is made once. */
const withState = (url: string): string => {
  const entry = new URL('../../../src/entry/resilience.ts', import.meta.url).href;
  const program = `const { breaker } = await import('${entry}');
    try { breaker('b', { shared: true }); console.log('made'); } catch (error) { console.log(error.code); }`;
  const args = ['--input-type=module', '-e', program];
  return spawnSync(process.execPath, args, {
    env: { ...process.env, SKEIN_STATE: url },
    encoding: 'utf8',
  }).stdout.trim();
};

test('state that cannot carry it is refused where it is asked for; a process with it ends by itself', () => {
  assert.equal(withState('memcached://127.0.0.1:1'), 'E_STATE_CANNOT');
  assert.equal(withState('nonsense'), 'E_STATE_ENGINE');
  assert.equal(withState('memory:'), 'made');
});
