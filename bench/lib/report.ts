/** A finished run as Markdown: for the terminal, and for docs/benchmarks.md. */
import type { Machine } from './machine.ts';
import type { Goal, Scenario, ScenarioResult, Table } from '../scenarios/scenario.ts';

export interface Run {
  readonly command: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly { readonly scenario: Omit<Scenario, 'run'>; readonly result: ScenarioResult }[];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = ({ columns, rows }: Table): string =>
  [line(columns), line(columns.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  );

const outcome = (met: Goal['met']): string => {
  if (met === null) return 'not measured';
  return met ? 'reached' : '**missed**';
};

const goals = (all: readonly Goal[]): string =>
  table({
    columns: ['goal', 'measured', ''],
    rows: all.map(({ text, measured, met }) => [text, measured, outcome(met)]),
  });

const section = ({ scenario, result }: Run['results'][number]): string =>
  [
    `### ${scenario.title}`,
    scenario.method,
    table(result.table),
    goals(result.goals),
    ...result.failures.map(({ what, reason }) => `Not measured: ${what}: ${reason.split('\n')[0] ?? ''}`),
  ].join('\n\n');

const circumstances = (run: Run): string => {
  const { cpu, cores, memoryGiB, kernel, system, load } = run.machine;
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  // Ratios bear some noise, but not that of somebody else's full core.
  const busy = load > 0.5 ? ' (the machine was busy: take the numbers as provisional)' : '';
  return [
    `- Machine: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, ${kernel}; load average before the run ${load.toFixed(2)}${busy}`,
    `- Versions: ${versions.join(', ')}`,
    `- Run: ${run.startedAt}, ${Math.round(run.seconds)} s, \`${run.command}\``,
  ].join('\n');
};

export const toMarkdown = (run: Run): string =>
  [circumstances(run), ...run.results.map(section)].join('\n\n') + '\n';

const begin = '<!-- results: written by bench/run.ts -->';
const end = '<!-- /results -->';

/** `page` with what stands between its two marks replaced. Throws when the marks are missing. */
export const insertResults = (page: string, markdown: string): string => {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${markdown}\n${page.slice(to)}`;
};
