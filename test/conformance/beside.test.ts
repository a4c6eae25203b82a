/** Beside nginx and HAProxy: what both of them stop, ours stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from './cases/all.ts';
import type { Case } from './support/case.ts';
import { laxer, outcomeOf } from './support/outcome.ts';
import type { Proxy } from './support/proxies.ts';
import { haproxy, nginx } from './support/proxies.ts';
import { runOurs, runOver, setupOf } from './support/run.ts';

/** Neither of them tries again as it is installed, so nothing of a second try can be compared. */
const common = cases.filter((one) => setupOf(one) === 'plain' && !one.name.startsWith('retry:'));

/** In what ours is laxer than both. `patienceMs`: for the others, which keep connections open that ours ends. */
const laxerIn = async (some: readonly Case[], patienceMs: number): Promise<ReadonlyMap<Case, string>> => {
  const proxies: Proxy[] = [];
  try {
    for (const start of [nginx, haproxy]) proxies.push(await start(8, patienceMs));
    const [ours, ...others] = await Promise.all([
      runOurs(some),
      ...proxies.map(({ lanes }) => runOver(lanes, some)),
    ]);
    const found = new Map<Case, string>();
    for (const one of some) {
      const [mine, ...theirs] = [ours, ...others].map((by) => outcomeOf(one, by.get(one.name)!));
      const how = laxer(mine!, theirs);
      if (how !== undefined)
        found.set(one, `${one.name}: ${how}: ${[mine!, ...theirs].map(({ text }) => text).join(' / ')}`);
    }
    return found;
  } finally {
    for (const proxy of proxies) await proxy.stop();
  }
};

test(`of ${common.length} cases ours passes none that nginx and HAProxy both stop`, async () => {
  const found = await laxerIn(common, 150);
  if (found.size === 0) return;
  // On a busy machine they may only have been slow.
  assert.deepEqual([...(await laxerIn([...found.keys()], 3000)).values()], []);
});
