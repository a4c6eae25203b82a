/** docs/json.md names every field that commands print, and none that they do not. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'json.md'), 'utf8');

/** The fields in the table below the heading `## <command> --json`. */
const documented = (command: string): readonly string[] => {
  const [, section = ''] = page.split(`## \`${command} --json\`\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field),
  );
};

/** The paths of all values, `a[].b`; what is null or an empty list stands for what could be in it. */
const fieldsOf = (value: unknown, path = ''): readonly string[] => {
  if (Array.isArray(value))
    return value.length === 0 ? [`${path}[]`] : value.flatMap((item) => fieldsOf(item, `${path}[]`));
  if (value === null || typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([key, item]) => fieldsOf(item, path === '' ? key : `${path}.${key}`));
};

/** `printed` by a command, as one set of fields; a field that was null somewhere is what it was elsewhere. */
const compare = (printed: readonly unknown[], written: readonly string[], what: string): void => {
  const all = new Set(printed.flatMap((value) => fieldsOf(value)));
  const isNullOf = (field: string): boolean =>
    [...all].some((other) => other.startsWith(`${field}.`) || other.startsWith(`${field}[`));
  const fields = [...all].filter((field) => !isNullOf(field));
  assert.deepEqual(fields.toSorted(), [...new Set(written)].toSorted(), what);
};

const parse = (stdout: string): unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

/** `apply` and `config` with a file that has one app more than runs, and one mistake. */
const compareConfigCommands = async (skein: Skein): Promise<void> => {
  const cwd = join(skein.home.dir, '..');
  const write = (more: object): void =>
    writeFileSync(
      join(cwd, 'skein.config.json'),
      JSON.stringify([
        { name: 'http', script: fixture('http.js'), env: { A: 1 } },
        { name: 'other', script: fixture('job.js'), ...more },
      ]),
    );
  write({});
  const json = async (...words: readonly string[]): Promise<unknown[]> =>
    parse((await skein.run([...words, '--json'], { cwd })).stdout);
  compare(await json('apply', '--dry-run'), documented('apply'), 'apply');
  const [printed] = (await json('config', 'print', '--resolved')) as [
    { apps: { settings: { value: unknown }[] }[] },
  ];
  // A list, a number, or text: one field all the same.
  for (const { settings } of printed.apps) for (const setting of settings) setting.value = 'as written';
  compare([printed], documented('config print'), 'config print');
  write({ ready: 'x' });
  compare(await json('config', 'check'), documented('config check'), 'config check');
};

test('docs/json.md has the fields that are printed', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const env = { PORT: String(await freePort()) };
    await skein.ok(['start', fixture('http.js'), '-n', 'http', '-i', '2', '--ready', '/'], { env });
    const failed = await skein.run(['start', fixture('crashes-at-start.js'), '-n', 'broken', '--json']);
    const reloaded = await skein.ok(['reload', 'http', '--json']);
    const list = documented('list');
    const events = documented('events');
    compare(parse((await skein.ok(['list', '--json'])).stdout), list, 'list');
    compare(
      parse((await skein.ok(['describe', 'all', '--json'])).stdout),
      [
        ...list,
        ...documented('describe').filter((field) => field !== 'apps[].events[]'),
        ...events.map((field) => `apps[].events[].${field}`),
      ],
      'describe',
    );
    compare(parse((await skein.ok(['events', '--json'])).stdout), events, 'events');
    compare(parse((await skein.ok(['logs', '--json'])).stdout), documented('logs'), 'logs');
    connect(skein.home.stateSocket).on('error', () => {});
    await until('the state server runs', async () => (await skein.ping()).stateServer);
    compare(parse((await skein.ok(['ping', '--json'])).stdout), documented('ping'), 'ping');
    for (const command of ['save', 'upgrade'])
      compare(parse((await skein.ok([command, '--json'])).stdout), documented(command), command);
    await compareConfigCommands(skein);
    compare(
      [...parse(reloaded.stdout), ...parse(failed.stdout)],
      [
        ...documented('reload').filter((field) => field !== 'operations[].report'),
        ...events.flatMap((field) => (field.startsWith('report.') ? [`operations[].${field}`] : [])),
      ],
      'operations',
    );
  }),
);
