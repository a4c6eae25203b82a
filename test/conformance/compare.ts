/**
 * Runs the cases through our balancer, nginx and HAProxy and prints where they differ, as a table; with
 * `--write` into docs/conformance.md.
 *
 *   node test/conformance/compare.ts [--write]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cases } from './cases/all.ts';
import { outcomeOf } from './support/outcome.ts';
import { haproxy, nginx, versionOf } from './support/proxies.ts';
import type { Seen } from './support/observe.ts';
import { runOurs, runOver, setupOf } from './support/run.ts';

/** Behind it in the page is the table. */
const MARK = '<!-- written by test/conformance/compare.ts -->';

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
const rows = common.map((one) => ({
  name: one.name,
  outcomes: seen.map((by) => outcomeOf(one, by.get(one.name)!)),
}));
/** Which status refuses is of no great interest. */
const differing = rows.filter(({ outcomes: [ours, ...others] }) =>
  others.some((other) => other.reached !== ours?.reached || other.succeeded !== ours.succeeded),
);
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
const table = [
  `${differing.length} of ${rows.length} cases differ: in one a request reaches the upstream, or an answer looks good to the client, and in another not.`,
  '',
  line(['case', ...names]),
  line(['---', '---', '---', '---']),
  ...differing.map(({ name, outcomes }) => line([name, ...outcomes.map(({ text }) => text)])),
].join('\n');

if (process.argv.includes('--write')) {
  const page = join(import.meta.dirname, '../../docs/conformance.md');
  const text = await readFile(page, 'utf8');
  await writeFile(page, `${text.slice(0, text.indexOf(MARK) + MARK.length)}\n\n${table}\n`);
} else console.log(table);
