/** What is done once per cluster, over Redis: also over many machines. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createCached } from '../../src/cluster-api/cached/cached.ts';
import { createOnce } from '../../src/cluster-api/jobs/once.ts';
import type { Member } from '../../src/cluster-api/member.ts';
import { createState } from '../../src/state/create.ts';
import { onceSuite } from '../support/once-suite.ts';
import { rejectsWith } from '../support/state-conformance.ts';
import { startRedis } from '../support/state-servers.ts';
import { until } from '../support/wait.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());

const connect = (namespace: string) =>
  createState({ url: `redis://127.0.0.1:${redis.port}`, namespace, timeout: 300 });

onceSuite('Redis', { connect });

test('while Redis is away every worker makes its own, once per turn, and it recovers', async (t) => {
  const states = ['away', 'away'].map(connect);
  const members = states.map((state): Member => ({
    state,
    leaving: () => false,
    onLeaving: () => {},
    onEnding: () => () => {},
  }));
  const calls = [0, 0];
  const handles = members.map((member, who) =>
    createCached(member)('rates', { every: 250 }, () => (calls[who] = (calls[who] ?? 0) + 1)),
  );
  t.after(async () => {
    await Promise.all(handles.map((one) => one.close()));
    await Promise.all(states.map((state) => state.close()));
  });
  await Promise.all(handles.map((one) => one.get()));
  await redis.kill();
  calls.fill(0);
  await until('each makes its own', () => calls.every((count) => count >= 3));
  assert.ok(handles.every(({ error }) => error === undefined));
  const [one] = members;
  assert.ok(one);
  await rejectsWith(
    'E_STATE_AWAY',
    createOnce(one, 'x')('job', () => 1, {}),
  );
  // One that begins while nobody can be asked is no worse off than without Skein.
  const alone = createCached(one)('other', { ttl: '1h' }, () => 'own');
  assert.equal(await alone.get(), 'own');
  await redis.start();
  // Turns of one that both hear of: what one made the other has.
  await until('one makes it for both', () => {
    const values = handles.map(({ value }) => value);
    return values[0] === values[1] && handles[0]?.ageMs === handles[1]?.ageMs;
  });
  calls.fill(0);
  await until('turns go on', () => (calls[0] ?? 0) + (calls[1] ?? 0) >= 4);
  assert.ok((handles[0]?.ageMs ?? 0) < 1_000);
  await alone.close();
});
