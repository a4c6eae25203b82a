/**
 * Runs the cases through our balancer, nginx and HAProxy and prints where they differ, as a table.
 *
 *   node test/conformance/compare.ts
 */
import { cases } from './cases/all.ts';
import { outcomeOf } from './support/outcome.ts';
import { haproxy, nginx, versionOf } from './support/proxies.ts';
import type { Seen } from './support/observe.ts';
import { runOurs, runOver, setupOf } from './support/run.ts';

/** What only our settings mean has no counterpart. */
const common = cases.filter((one) => setupOf(one) === 'plain');

const through = async (start: typeof nginx): Promise<Map<string, Seen>> => {
  const proxy = await start(6, 300);
  try {
    return await runOver(proxy.lanes, common);
  } finally {
    await proxy.stop();
  }
};

const seen = [await runOurs(common), await through(nginx), await through(haproxy)];
const names = ['Skein', `nginx ${await versionOf('nginx')}`, `HAProxy ${await versionOf('haproxy')}`];
const rows = common.map((one) => [one.name, ...seen.map((by) => outcomeOf(one, by.get(one.name)!).text)]);
const differing = rows.filter(([, ours, ...others]) => others.some((other) => other !== ours));
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
console.log(line(['case', ...names]));
console.log(line(['---', '---', '---', '---']));
for (const row of differing) console.log(line(row));
console.log(`\n${differing.length} of ${rows.length} differ.`);
