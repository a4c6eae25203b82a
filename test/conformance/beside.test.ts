/** Beside nginx and HAProxy: what both of them stop, ours stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from './cases/all.ts';
import { laxer, outcomeOf } from './support/outcome.ts';
import type { Proxy } from './support/proxies.ts';
import { haproxy, nginx } from './support/proxies.ts';
import { runOurs, runOver, setupOf } from './support/run.ts';

/** Neither of them tries again as it is installed, so nothing of a second try can be compared. */
const common = cases.filter((one) => setupOf(one) === 'plain' && !one.name.startsWith('retry:'));

test(`of ${common.length} cases ours passes none that nginx and HAProxy both stop`, async () => {
  const proxies: Proxy[] = [];
  try {
    for (const start of [nginx, haproxy]) proxies.push(await start(8, 150));
    const [ours, ...others] = await Promise.all([
      runOurs(common),
      ...proxies.map(({ lanes }) => runOver(lanes, common)),
    ]);
    const found = common.flatMap((one) => {
      const [mine, ...theirs] = [ours, ...others].map((by) => outcomeOf(one, by.get(one.name)!));
      const how = laxer(mine!, theirs);
      return how === undefined
        ? []
        : [`${one.name}: ${how}: ${[mine!, ...theirs].map(({ text }) => text).join(' / ')}`];
    });
    assert.deepEqual(found, []);
  } finally {
    for (const proxy of proxies) await proxy.stop();
  }
});
