/**
 * Runs test suites with node:test and is stricter than it: a process warning anywhere (also in the
 * CLI, supervisor, holder and workers that tests start), a skipped or unfinished test, no test at
 * all, or use of the developer's own SKEIN_HOME fail the run.
 *
 *   node scripts/test.ts [--node <binary>] [unit | integration | e2e | <file>]...
 *
 * What failed is also added to the file that SKEIN_TEST_REPORT names.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { failuresIn } from './tap-failures.ts';

const root = join(import.meta.dirname, '..');

interface Suite {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly folders: readonly string[];
  /** Test files that run at the same time. */
  readonly concurrency: number;
  /** Those that need the machine for themselves: they measure time, or load it fully. They run last. */
  readonly alone: readonly string[];
  /** Of one whole test file; node:test gives the file the limit of a test. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Their files wait for processes, timeouts and drains: each uses a third of a core. */
const MOSTLY_WAITING = Math.ceil(availableParallelism() * 1.5);

const suites: readonly Suite[] = [
  {
    name: 'unit',
    folders: ['test/unit', 'bench/test'],
    concurrency: availableParallelism(),
    alone: [],
    timeoutMs: 60_000,
    // A process per file, and each would strip the types of the same sources: a third of the time. Where
    // processes of Skein are started their memory is measured, which a cache changes.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'skein-unit') },
  },
  {
    name: 'integration',
    folders: ['test/integration', 'test/conformance'],
    concurrency: MOSTLY_WAITING,
    alone: ['load-client', 'state-redis-away', 'state-sessions', 'accounting', 'supervisor'],
    timeoutMs: 300_000,
    env: {},
  },
  {
    name: 'e2e',
    folders: ['test/e2e'],
    concurrency: MOSTLY_WAITING,
    alone: [
      ...['proof-blocked', 'proof-breaker', 'proof-once', 'proof-pool', 'proof-reload', 'proof-state'],
      'proof-supervisor',
    ],
    timeoutMs: 600_000,
    env: {},
  },
];

const testFiles = (path: string): readonly string[] => {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(path, file))
    .toSorted();
};

type Planned = readonly [Suite, readonly string[]];

/** What was asked for, as files by suite in the order of the table. */
const plan = (asked: readonly string[]): readonly Planned[] => {
  const files = asked.flatMap((name) => {
    const suite = suites.find((one) => one.name === name);
    return (suite?.folders.map((folder) => join(root, folder)) ?? [resolve(name)]).flatMap(testFiles);
  });
  const belongsTo = (suite: Suite, file: string): boolean =>
    suite.folders.some((folder) => file.startsWith(join(root, folder, sep)));
  return suites
    .map((suite) => [suite, files.filter((file) => belongsTo(suite, file))] as const)
    .filter(([suite, found]) => found.length > 0 || asked.includes(suite.name));
};

/** Lines of Node's warning file that say something of ours is wrong. */
const warningsIn = (file: string): readonly string[] =>
  !existsSync(file)
    ? []
    : readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => /^\(node:\d+\)/.test(line))
        // Node 22 says this of every .ts file it runs and of the tests' own mock timers.
        .filter((line) => !/ExperimentalWarning: (Type Stripping|The MockTimers API)/.test(line));

const count = (tap: string, what: string): number => {
  const found = new RegExp(`^# ${what} (\\d+)$`, 'm').exec(tap);
  return found === null ? 0 : Number(found[1]);
};

/** Suites whose files mostly wait run as one: each by itself ends with its longest file, alone on the machine. */
const withoutGaps = (planned: readonly Planned[]): readonly Planned[] => {
  const waiting = planned.filter(([suite]) => suite.concurrency === MOSTLY_WAITING);
  if (waiting.length < 2) return planned;
  const joined: Suite = {
    name: waiting.map(([suite]) => suite.name).join(' and '),
    folders: waiting.flatMap(([suite]) => suite.folders),
    concurrency: MOSTLY_WAITING,
    alone: waiting.flatMap(([suite]) => suite.alone),
    timeoutMs: Math.max(...waiting.map(([suite]) => suite.timeoutMs)),
    env: {},
  };
  const rest = planned.filter((one) => !waiting.includes(one));
  return [...rest, [joined, waiting.flatMap(([, files]) => files)]];
};

/** What is wrong with a run that node:test itself may have called a success. */
const complaints = (tap: string, warnings: readonly string[], defaultHome: string): readonly string[] => [
  ...(count(tap, 'tests') === 0 ? ['no test ran'] : []),
  ...['skipped', 'todo', 'cancelled']
    .filter((what) => count(tap, what) > 0)
    .map((what) => `${count(tap, what)} tests ${what}`),
  ...warnings.map((line) => `a process warned: ${line}`),
  ...(existsSync(defaultHome) ? ['a test used the default SKEIN_HOME instead of one of its own'] : []),
];

/** So many of the files at a time. */
const runFiles = (node: string, suite: Suite, files: readonly string[], concurrency: number): boolean => {
  const scratch = mkdtempSync(join(tmpdir(), 'skein-test-'));
  const tapFile = join(scratch, 'tap');
  const warningFile = join(scratch, 'warnings');
  const defaultHome = join(scratch, 'home');
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  console.log(`\n# ${suite.name}: ${files.length} files, ${concurrency} at a time, on ${node}`);
  const { status, signal, error } = spawnSync(
    node,
    [
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${suite.timeoutMs}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${tapFile}`,
      ...files.map((file) => relative(root, file)),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...inherited,
        ...suite.env,
        // `node` in a shebang or a script is the Node under test as well.
        PATH: [dirname(node), inherited['PATH']].join(delimiter),
        NODE_REDIRECT_WARNINGS: warningFile,
        SKEIN_HOME: defaultHome,
      },
    },
  );
  const tap = existsSync(tapFile) ? readFileSync(tapFile, 'utf8') : '';
  const wrong = [
    ...(error === undefined ? [] : [error.message]),
    ...(signal === null ? [] : [`ended by ${signal}`]),
    ...complaints(tap, warningsIn(warningFile), defaultHome),
  ];
  for (const line of wrong) console.log(`# ${suite.name}: ${line}`);
  const report = process.env['SKEIN_TEST_REPORT'];
  if (report !== undefined)
    for (const text of [...failuresIn(tap), ...wrong]) appendFileSync(report, `${suite.name}: ${text}\n`);
  rmSync(scratch, { recursive: true, force: true });
  return status === 0 && wrong.length === 0;
};

const run = (node: string, suite: Suite, files: readonly string[]): boolean => {
  // Without files node --test would look for some by itself.
  if (files.length === 0) {
    console.log(`# ${suite.name}: no test files`);
    return false;
  }
  const isAlone = (file: string): boolean => suite.alone.includes(basename(file, '.test.ts'));
  const together = files.filter((file) => !isAlone(file));
  const alone = files.filter(isAlone);
  return [
    together.length === 0 || runFiles(node, suite, together, suite.concurrency),
    alone.length === 0 || runFiles(node, suite, alone, 1),
  ].every((passed) => passed);
};

const { values, positionals } = parseArgs({
  options: { node: { type: 'string', default: process.execPath } },
  allowPositionals: true,
});
const asked = positionals.length > 0 ? positionals : suites.map(({ name }) => name);
const results = withoutGaps(plan(asked)).map(
  ([suite, files]) => [suite.name, run(resolve(values.node), suite, files)] as const,
);
console.log(`\n# ${results.map(([name, passed]) => `${name} ${passed ? 'passed' : 'FAILED'}`).join(', ')}`);
process.exitCode = results.length > 0 && results.every(([, passed]) => passed) ? 0 : 1;
