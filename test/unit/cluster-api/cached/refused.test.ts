/** A state that answers, and refuses: a user without rights, or a key that is something else there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCached } from '../../../../src/cluster-api/cached/cached.ts';
import type { Member } from '../../../../src/cluster-api/member.ts';
import { SkeinError } from '../../../../src/core/errors.ts';
import { createMemoryEngine } from '../../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../../src/state/state.ts';
import { until } from '../../../support/wait.ts';

const refuse = (): Promise<never> =>
  Promise.reject(new SkeinError('E_STATE_ENGINE', { what: 'It', reason: 'NOPERM', hint: 'Ask for rights.' }));

const refusing = (): Member => {
  const engine = createMemoryEngine({ maxBytes: 1_000_000 });
  const state = createStateOver(
    { ...engine, compareAndSet: refuse, update: refuse, get: refuse, set: refuse } as typeof engine,
    { prefix: 'refused:', maxValueBytes: 1_000_000 },
  );
  return { state, leaving: () => false, onLeaving: () => {}, onEnding: () => () => {} };
};

test('where the state refuses, each worker makes its own, at its pace, and says so once', async (t) => {
  const lines: string[] = [];
  t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
  const cached = createCached(refusing());
  let calls = 0;
  const handle = cached('rates', { every: '1h' }, () => (calls += 1));
  t.after(() => handle.close());
  await until('it has a value', () => handle.value === 1);
  assert.equal(await handle.get(), 1);
  assert.equal(await handle.refresh(), 2);
  assert.equal(await cached('page', { ttl: '1h' }, () => 'made').get(), 'made');
  assert.equal(calls, 2);
  assert.equal(lines.filter((line) => line.includes('cached rates')).length, 1);
});
