import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { files, renderPage, renderSchema, renderTypes, schema } from '../../../scripts/docs-config.ts';
import { balanceWith } from '../../../src/config/balance/settle.ts';
import { applyPatch } from '../../../src/config/apply-patch.ts';
import type { Field, Table } from '../../../src/config/field.ts';
import { fields, sections } from '../../../src/config/fields.ts';
import { camelOf, snakeOf } from '../../../src/config/keys.ts';
import type { FilePlace, KeyPath } from '../../../src/config/place.ts';
import { keyText } from '../../../src/config/place.ts';
import { flagFields } from '../../../src/config/settings.ts';
import { defaults } from '../../../src/config/defaults.ts';
import { readApp } from '../../../src/config/written.ts';
import { appSpec } from '../support/app-spec.ts';
import { passes } from '../support/json-schema.ts';

const context = { cwd: import.meta.dirname, env: { PATH: process.env['PATH'] }, cpus: 4 };

interface Leaf {
  readonly path: string;
  readonly name: string;
  readonly field: Field;
  readonly isTop: boolean;
}

const leavesOf = (table: Table, above = ''): Leaf[] =>
  Object.entries(table).flatMap(([name, field]) => [
    { path: `${above}${name}`, name, field, isTop: above === '' },
    ...(field.fields === undefined ? [] : leavesOf(field.fields, `${above}${name}.`)),
  ]);

const leaves = leavesOf(fields);

/** What each object needs at least. */
const given: Readonly<Record<string, Record<string, unknown>>> = {
  cron: { expression: '0 4 * * *' },
  balancer: { listen: '127.0.0.1:8080' },
};

const nested = (path: string, value: unknown): Record<string, unknown> => {
  const app: Record<string, unknown> = path.startsWith('balancer') ? {} : { script: './a.js' };
  let part = app;
  const keys = path.split('.');
  for (const key of keys.slice(0, -1)) {
    const inner: Record<string, unknown> = { ...given[key] };
    part[key] = inner;
    part = inner;
  }
  part[keys.at(-1) ?? ''] = value;
  return app;
};

for (const [name, render] of [
  ['types', renderTypes],
  ['schema', renderSchema],
  ['page', renderPage],
] as const) {
  test(`${files[name]} is what the tables say`, () => {
    assert.ok(readFileSync(files[name], 'utf8') === render(), '`npm run docs:config` writes it anew');
  });
}

test('every setting is in one section', () => {
  const inSections = sections.flatMap((section) => Object.keys(section.fields));
  assert.deepEqual(inSections.toSorted(), Object.keys(fields).toSorted());
});

test('every setting says what it does, its default, and has an example', () => {
  for (const { path, field } of leaves) {
    assert.match(field.doc, /\.$/, path);
    assert.ok(field.examples.length > 0, path);
    assert.ok((field.default === undefined) !== (field.defaultText === undefined), path);
  }
});

test('links in the documentation of settings lead to pages', () => {
  for (const { field } of leaves) {
    for (const [, page = ''] of field.doc.matchAll(/\]\(([^)#]+)/g))
      assert.ok(existsSync(join(files.page, '..', page)), page);
  }
});

test('every example and default can be read, and passes the schema', () => {
  for (const { path, field } of leaves) {
    const values = field.default === undefined ? field.examples : [...field.examples, field.default];
    for (const value of values) {
      const app = nested(path, value);
      const where = `${path}: ${JSON.stringify(value)}`;
      const read = readApp(
        { value: app, place: (key) => ({ file: 'f', line: 1, key: key.join('.') }) },
        context,
      );
      assert.deepEqual(
        read.problems.map((problem) => problem.message),
        [],
        where,
      );
      assert.ok(passes(schema(), { apps: [app] }), where);
    }
  }
});

test('a default that is written changes nothing', () => {
  for (const { path, field } of leaves) {
    if (field.default === undefined || field.get === undefined || path.startsWith('watch.')) continue;
    const { cron: _cron, balancer: _balancer, ...draft } = field.read(field.default, path, context);
    // Settings of balancing turn it on, as those of checks do.
    const pool = path.startsWith('balance.health.') ? { activeHealth: {} } : {};
    const balance = path.startsWith('balance.') ? balanceWith(null, { pool }) : null;
    const spec = appSpec({ ...defaults, balance });
    assert.deepEqual(applyPatch(spec, draft), spec, path);
  }
});

test('what is shown of a default can be written', () => {
  const balance = balanceWith(null, { pool: { activeHealth: {} } });
  for (const { path, field } of leaves) {
    const shown = field.get?.(appSpec({ ...defaults, watch: null, balance }));
    if (field.default === undefined || shown === undefined || shown === null || field.fields !== undefined)
      continue;
    assert.doesNotThrow(() => field.read(shown, path, context), path);
  }
});

test('the schema takes both spellings and refuses what is not there', () => {
  const good = { script: 'a.js', kill_timeout: '3s', env_production: { A: 1 }, env_file: '.env' };
  for (const value of [good, [good], { apps: [good] }, { $schema: 'x', apps: [] }])
    assert.ok(passes(schema(), value), JSON.stringify(value));
  for (const value of [
    {},
    { apps: {} },
    { apps: [{}] },
    { ...good, killTimout: 3 },
    { ...good, killTimeout: 'soon' },
    { ...good, env_production: 'x' },
    { ...good, logs: { rotate: { size: [] } } },
    { ...good, dependsOn: [{ condition: 'ready' }] },
  ])
    assert.ok(!passes(schema(), value), JSON.stringify(value));
});

test('both spellings of a name are one name', () => {
  for (const { name } of leaves) assert.equal(camelOf(snakeOf(name)), name);
  assert.equal(snakeOf('stopExitCodes'), 'stop_exit_codes');
});

test('flags have names of their own, and say one thing each', () => {
  const names = flagFields.map(({ long }) => long);
  assert.equal(new Set(names).size, names.length);
  for (const { flag, long } of flagFields) {
    assert.ok(flag.option.includes(long));
    assert.ok(flag.summary.length < 80, long);
    // A switch that is on by default needs its other form, and commander both of them.
    if (/^--[a-z-]+$/.test(flag.option)) assert.equal(typeof flag.summary, 'string');
  }
});

test('whatever is written, what is wrong with it is said', () => {
  const place = (key: KeyPath): FilePlace => ({ file: 'f', line: undefined, key: keyText(key) });
  fc.assert(
    fc.property(fc.constantFrom(...leaves), fc.jsonValue(), ({ path }, value) => {
      const { problems } = readApp({ value: nested(path, value), place }, context);
      // Each names the file, and no value of a variable.
      for (const { message } of problems) assert.match(message, /^f(?:: | cannot be used: )/);
    }),
    { numRuns: 1_000 },
  );
  fc.assert(fc.property(fc.anything(), (value) => void readApp({ value, place }, context)));
});
