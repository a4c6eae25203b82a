/** Checks src/ against the table "Who may import whom" of docs/architecture.md. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const src = join(root, 'src');

interface Rule {
  readonly folder: string;
  /** Folders, or beginnings of file paths, relative to src/; null: everything. */
  readonly mayImport: readonly string[] | null;
  /** Packages; null: all. */
  readonly thirdParty: readonly string[] | null;
}

/** `| folder | may import | third-party packages |` */
const readRules = (page: string): Map<string, Rule> => {
  const section = page.slice(page.indexOf('## Who may import whom'));
  const rows = [...section.matchAll(/^\| `(\w[\w-]*)` \| (.+?) \| (none|allowed|only .+) \|$/gm)];
  return new Map(
    rows.map(([, folder = '', allowed = '', packages]) => [
      folder,
      {
        folder,
        mayImport:
          allowed === 'everything' ? null : [...allowed.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
        thirdParty:
          packages === 'allowed'
            ? null
            : [...(packages ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
      },
    ]),
  );
};

/** Specifiers of static imports, re-exports and `import()`; comments do not count. */
const importsOf = (source: string): string[] => {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found = code.matchAll(
    /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g,
  );
  return [...found].map(([, from, bare]) => from ?? bare ?? '');
};

const rules = readRules(readFileSync(join(root, 'docs', 'architecture.md'), 'utf8'));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const sources = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));
const folderOf = (file: string): string => file.split('/')[0] ?? file;

const withoutTypeImports = (source: string): string =>
  source.replaceAll(/\b(?:import|export) type\b[^;]*;/g, '').replaceAll(/\bimport\([^)]*\)\./g, '');

/** Files of ours that a file imports, relative to src/. */
const ownImports = (file: string, { types = true } = {}): string[] =>
  importsOf(types ? (sources.get(file) ?? '') : withoutTypeImports(sources.get(file) ?? ''))
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(src, join(src, dirname(file), specifier)));

const allows = ({ folder, mayImport }: Rule, target: string): boolean =>
  mayImport === null ||
  [folder, ...mayImport].some((path) =>
    path.includes('/')
      ? target === `${path}.ts` || target.startsWith(`${path}-`) || target.startsWith(`${path}/`)
      : folderOf(target) === path,
  );

test('the reader of imports sees every form and no comment', () => {
  const source = `
    import a, { b } from './a.ts';
    import type { C } from "./c.ts";
    import {
      d,
      e,
    } from './d.ts';
    import './side-effect.ts';
    export { f } from './f.ts';
    export * from './g.ts';
    const h = await import('./h.ts');
    type I = import('./i.ts').I;
    // import j from './j.ts';
    /* import k from './k.ts'; */
  `;
  assert.deepEqual(
    importsOf(source),
    ['a', 'c', 'd', 'side-effect', 'f', 'g', 'h', 'i'].map((name) => `./${name}.ts`),
  );
});

test('every folder of src/ has a row in the table, and every row a folder', () => {
  assert.deepEqual([...new Set(files.map(folderOf))].toSorted(), [...rules.keys()].toSorted());
});

test('imports go only where the table allows', () => {
  const wrong = files.flatMap((file) => {
    const rule = rules.get(folderOf(file));
    return ownImports(file)
      .filter((target) => rule !== undefined && !allows(rule, target))
      .map((target) => `src/${file} imports src/${target}`);
  });
  assert.deepEqual(wrong, []);
});

test('imports name files that exist, inside src/', () => {
  const missing = files.flatMap((file) =>
    ownImports(file)
      .filter((target) => !sources.has(target))
      .map((target) => `src/${file} imports ${target}`),
  );
  assert.deepEqual(missing, []);
});

test('third-party packages are imported only where the table allows, and all are dependencies', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    peerDependencies?: Record<string, string>;
  };
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const wrong = files.flatMap((file) =>
    importsOf(sources.get(file) ?? '')
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .filter((specifier) => {
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        const allowed = rules.get(folderOf(file))?.thirdParty;
        return (allowed !== null && allowed?.includes(name) !== true) || !(name in declared);
      })
      .map((specifier) => `src/${file} imports ${specifier}`),
  );
  assert.deepEqual(wrong, []);
});

test('nothing imports node:http, https or http2 as an ES module: that loads undici (decision 0008)', () => {
  const wrong = files.filter((file) =>
    /\bfrom\s*'node:(?:http|https|http2)'/.test(withoutTypeImports(sources.get(file) ?? '')),
  );
  assert.deepEqual(wrong, []);
});

test('what only some apps need is loaded for those: chokidar and croner by `await import` alone', () => {
  const wrong = files.filter((file) =>
    /\bfrom\s*'(?:chokidar|croner)'|\bimport\s*'/.test(withoutTypeImports(sources.get(file) ?? '')),
  );
  assert.deepEqual(wrong, []);
});

test('no imports that exist at run time go in a circle', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const target of ownImports(file, { types: false })) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(cycles, []);
});

test('no file has more than 400 lines', () => {
  const long = files.filter((file) => (sources.get(file)?.split('\n').length ?? 0) > 401);
  assert.deepEqual(long, []);
});
