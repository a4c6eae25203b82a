/** What nobody notices by running the code: links, lock files, fixed versions. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readJson = (path: string): unknown => JSON.parse(read(path));

const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

test('links between pages lead to files', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page} -> ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('the list of decisions has every record', () => {
  const records = readdirSync(join(root, 'docs', 'decisions')).filter((file) => /^\d{4}-/.test(file));
  const list = read('docs/decisions/README.md');
  assert.deepEqual(
    records.filter((file) => !list.includes(`](${file})`)),
    [],
  );
  for (const file of records) {
    assert.match(read(join('docs', 'decisions', file)), new RegExp(`^# ${file.slice(0, 4)}\\. `), file);
  }
});

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly optionalDependencies?: object }>
  >;
}

for (const file of ['package-lock.json', 'scripts/node-lines/package-lock.json', 'bench/package-lock.json']) {
  test(`${file} names no registry, so that it works with any`, () => {
    const named = Object.entries((readJson(file) as Lock).packages).filter(([, { resolved }]) =>
      resolved?.startsWith('http'),
    );
    assert.deepEqual(named, []);
  });
}

test('package-lock.json has the binaries for every platform, which `npm ci` insists on', () => {
  const { packages } = readJson('package-lock.json') as Lock;
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  assert.deepEqual(missing, []);
});

test("the repository's own tools are pinned, because their output is compared", () => {
  const { devDependencies } = readJson('package.json') as { devDependencies: Record<string, string> };
  for (const name of ['node', 'oxfmt', 'oxlint', 'typescript'])
    assert.match(devDependencies[name] ?? '', /^\d/, name);
});
