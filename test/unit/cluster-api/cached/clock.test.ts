import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCached } from '../../../../src/cluster-api/cached/cached.ts';
import { createMemoryEngine } from '../../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../../src/state/state.ts';

test('the clock is put back while a new value is asked for: it is made once all the same', async (t) => {
  const clock = Date.now.bind(Date);
  let backMs = 0;
  t.mock.method(Date, 'now', () => clock() - backMs);
  const engine = createMemoryEngine({ maxBytes: 1_000_000 });
  const putBack: typeof engine.compareAndSet = (...args) => {
    backMs = 3_600_000;
    return engine.compareAndSet(...args);
  };
  const state = createStateOver(
    { ...engine, compareAndSet: putBack },
    { prefix: 'clock:', maxValueBytes: 1_000_000 },
  );
  const member = { state, leaving: () => false, onLeaving: () => {}, onEnding: () => () => {} };
  const cached = createCached(member);
  let calls = 0;
  const handle = cached('rates', { ttl: '1h' }, () => {
    calls += 1;
    if (calls > 20) void handle.close();
    return calls;
  });
  t.after(() => handle.close());
  assert.equal(await handle.refresh(), 1);
  assert.equal(calls, 1);
});
