/** Every example in README.md and docs/ that can be run does what is written there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Example } from '../support/console-examples.ts';
import { examplesOf, isAsWritten } from '../support/console-examples.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { plainEnv, withSkein } from '../support/skein.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** Ends what a command has printed, and says how it exited without a change of `$?`. */
const MARK = '\u001e';
const prelude = `exec 2>&1\nmark() { local code=$?; printf '${MARK}%s${MARK}' "$code"; return "$code"; }\n`;

interface Printed {
  readonly output: string;
  readonly code: string;
}

const runInShell = async (
  { steps }: Example,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Printed[]> => {
  const script = steps.map(({ command }) => `${command}\nmark`).join('\n');
  const shell = spawn('bash', ['-c', `${prelude}${script}`], {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  const parts = (await text(shell.stdout)).split(MARK);
  return steps.map((_, nth) => ({ output: parts[nth * 2] ?? '', code: parts[nth * 2 + 1] ?? 'none' }));
};

/** The ports of the pages are those of the reader; here others may hold them. */
const portsFor = async (): Promise<(command: string) => string> => {
  const ports = new Map<string, string>();
  for (const written of ['3000', '3001', '3002']) ports.set(written, String(await freePort()));
  return (command) => command.replace(/\b300[012]\b/g, (written) => ports.get(written) ?? written);
};

interface Place {
  readonly skein: Skein;
  readonly folder: string;
  readonly withPorts: (command: string) => string;
}

const check = async (page: string, example: Example, { skein, folder, withPorts }: Place): Promise<void> => {
  const steps = example.steps.map((step) => ({ ...step, command: withPorts(step.command) }));
  const env = {
    ...plainEnv(),
    PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
    SKEIN_HOME: skein.home.dir,
    PORT: withPorts('3000'),
  };
  const results = await runInShell({ ...example, steps }, join(folder, 'examples'), env);
  for (const [nth, { output, code }] of results.entries()) {
    const { command = '', expected = [] } = example.steps[nth] ?? {};
    const where = `${page}:${example.line}: $ ${command}\n${output}`;
    const isJudged = example.steps[nth + 1]?.command === 'echo $?';
    if (!isJudged) assert.equal(code, '0', `exit code\n${where}`);
    if (command === 'echo $?') assert.equal(output.trim(), expected.join('\n'), where);
    else if (expected.length > 0)
      assert.ok(isAsWritten(expected, output), `${expected.join('\n')}\n!==\n${where}`);
  }
};

const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sk-')));
  mkdirSync(join(folder, 'bin'));
  // As in an app that has installed it.
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'skein'));
  symlinkSync(join(root, 'bin', 'skein.js'), join(folder, 'bin', 'skein'));
  symlinkSync(join(root, 'bin', 'skein-pm2.js'), join(folder, 'bin', 'skein-pm2'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const page of pages) {
  const examples = examplesOf(join(root, page));
  if (examples.length === 0) continue;
  test(`the examples in ${page}`, { timeout: 60_000 }, () =>
    inFolder((folder) =>
      withSkein(async (skein) => {
        const withPorts = await portsFor();
        for (const example of examples) {
          // An earlier example may have written into its programs.
          rmSync(join(folder, 'examples'), { recursive: true, force: true });
          cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
          await check(page, example, { skein, folder, withPorts });
        }
      }),
    ),
  );
}
