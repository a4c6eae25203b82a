import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonErrorAt } from '../../../../src/config/file/json-error.ts';
import { loadFile } from '../../../../src/config/file/load.ts';
import type { ErrorCode } from '../../../../src/core/error-catalogue.ts';
import { SkeinError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../support/folder.ts';

const env = { PATH: process.env['PATH'] };

type Result = { readonly value: unknown } | { readonly code: ErrorCode; readonly message: string };

/** What becomes of one file of this name and text, and others beside it. */
const load = async (
  t: Parameters<typeof temporaryFolder>[0],
  name: string,
  text: string,
  {
    profile,
    limitMs = 20_000,
    ...beside
  }: { profile?: string; limitMs?: number; [file: string]: unknown } = {},
): Promise<Result> => {
  const cwd = temporaryFolder(t, { ...(beside as Record<string, string>), [name]: text });
  try {
    return { value: (await loadFile(name, { cwd, env, profile, limitMs })).value };
  } catch (error) {
    assert.ok(error instanceof SkeinError, String(error));
    return { code: error.code, message: error.message };
  }
};

const good: readonly (readonly [name: string, text: string])[] = [
  ['skein.config.ts', 'const n: number = 1;\nexport default { n };'],
  ['skein.config.mts', 'export default { n: 1 as number };'],
  ['skein.config.js', 'export default { n: 1 };'],
  ['skein.config.js', 'module.exports = { n: 1 };'],
  ['skein.config.ts', "const path = require('node:path');\nmodule.exports = { n: path.sep.length };"],
  ['skein.config.mjs', 'export default async () => ({ n: 1 });'],
  ['skein.config.mjs', 'export default Promise.resolve({ n: 1 });'],
  ['skein.config.mjs', 'export const n = 1;'],
  ['skein.config.cjs', 'exports.__esModule = true; exports.default = { n: 1, not: undefined };'],
  [
    'skein.config.ts',
    "import { defineConfig } from 'skein/config';\nexport default defineConfig({ n: 1 } as never);",
  ],
  ['skein.config.cjs', "module.exports = require('skein/config').defineConfig({ n: 1 });"],
  ['skein.config.mjs', 'setInterval(() => {}, 1000); export default { n: 1 };'],
  ['skein.config.json', '\uFEFF{ "n": 1 }'],
  ['skein.config.json', '{\n\t"n": 1\n}'],
  ['skein.config.yaml', 'n: 1'],
  ['skein.config.yml', '{ "n": 1 }'],
];

for (const [name, text] of good) {
  test(`${name}: ${text.replaceAll('\n', ' ')}`, async (t) => {
    assert.deepEqual(await load(t, name, text), { value: { n: 1 } });
  });
}

test('a function is told the profile; files are found from its own directory', async (t) => {
  const text =
    "import { readFileSync } from 'node:fs';\nexport default ({ profile }) => [profile, readFileSync('x.txt', 'utf8')];";
  assert.deepEqual(await load(t, 'c.mjs', text, { profile: 'production', 'x.txt': 'x' }), {
    value: ['production', 'x'],
  });
  assert.deepEqual(await load(t, 'c.mjs', 'export default ({ profile }) => [profile];'), { value: [null] });
});

test('a URL of a file is its path', async (t) => {
  const { value } = (await load(t, 'c.mjs', "export default [new URL('./a.js', import.meta.url)];")) as {
    value: [string];
  };
  assert.match(value[0], /^\/.*\/a\.js$/);
});

test('YAML may share settings', async (t) => {
  const text = 'base: &base { a: 1 }\nother:\n  <<: *base\n  b: 2';
  assert.deepEqual(await load(t, 'c.yaml', text), { value: { base: { a: 1 }, other: { a: 1, b: 2 } } });
});

/** [name, text, what the message is] */
const bad: readonly (readonly [name: string, text: string, says: RegExp])[] = [
  [
    'skein.config.ts',
    'const x: number = 1;\n\nthrow new Error("boom");',
    /^skein\.config\.ts:3 cannot be used: Error: boom\./,
  ],
  [
    'skein.config.mjs',
    '\nexport default () => { null.x; };',
    /^skein\.config\.mjs:2 cannot be used: TypeError/,
  ],
  ['skein.config.mjs', 'throw "text";', /it throws text/],
  [
    'skein.config.mjs',
    'export default Promise.reject(new RangeError("r"));',
    /config\.mjs:1 .*RangeError: r/,
  ],
  [
    'skein.config.mjs',
    'setTimeout(() => { throw new Error("late"); }); await new Promise(() => {});',
    /config\.mjs:1 .*late/,
  ],
  [
    'skein.config.mjs',
    'Promise.reject(new Error("nobody")); await new Promise((r) => setTimeout(r, 50)); export default [];',
    /config\.mjs:1 .*nobody/,
  ],
  [
    'skein.config.mjs',
    "import './other.mjs';\nexport default {};",
    /cannot be used: Error: inner \(at .*other\.mjs:2\)/,
  ],
  ['skein.config.mjs', "import './gone.mjs';\nexport default {};", /gone\.mjs/],
  ['skein.config.mjs', 'export default {\n  a: [\n    1\n    2 ]\n};', /^skein\.config\.mjs:4 .*SyntaxError/],
  ['skein.config.cjs', 'module.exports = {\n  a: 1\n  b: 2 };', /^skein\.config\.cjs:3 .*SyntaxError/],
  ['skein.config.ts', 'export default {\n  a: 1\n  b: 2 };', /^skein\.config\.ts:3 .*SyntaxError/],
  ['skein.config.ts', '\nenum A { B }\nexport default {};', /^skein\.config\.ts:2 .*enum/],
  ['skein.config.mjs', 'export default new Promise(() => {});', /its promise never settles/],
  ['skein.config.mjs', 'await new Promise(() => {});', /its promise never settles/],
  ['skein.config.mjs', '\nprocess.exit(0);', /^skein\.config\.mjs:2 .*process\.exit/],
  [
    'skein.config.mjs',
    'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});',
    /ended with SIGKILL/,
  ],
  ['skein.config.mjs', 'export default { a: [1, () => 2] };', /config\.mjs:1 .*a\[1\] is a function/],
  ['skein.config.mjs', 'export default {\n  d: new Date() };', /config\.mjs:2 .*d is a Date/],
  ['skein.config.mjs', 'const a = {}; a.a = a; export default a;', /a is an object within itself/],
  ['skein.config.mjs', 'export default { n: 1 / 0 };', /n is Infinity/],
  ['skein.config.json', '{\n  "a": 1,\n  "b": }', /^skein\.config\.json:3 .*it is no JSON: Unexpected token/],
  ['skein.config.json', '{ "password": "secret" x }', /^skein\.config\.json:1 (?!.*secret)/],
  ['skein.config.json', '', /it is empty/],
  ['skein.config.json', 'a: 1', /it is no JSON/],
  ['skein.config.yaml', 'a: 1\na: 2', /^skein\.config\.yaml:2 .*Map keys must be unique/],
  ['skein.config.yaml', 'a: [1\nb: 2', /^skein\.config\.yaml:2 /],
  ['skein.config.txt', '', /nothing is known of files that end in \.txt/],
];

for (const [name, text, says] of bad) {
  test(`regression of what users write: ${text.replaceAll('\n', ' ')}`, async (t) => {
    const result = await load(t, name, text, { 'other.mjs': '\nthrow new Error("inner");' });
    assert.ok('code' in result, JSON.stringify(result));
    assert.equal(result.code, 'E_CONFIG');
    assert.match(result.message, says);
  });
}

for (const text of ['while (true);', 'setInterval(() => {}, 50); await new Promise(() => {});']) {
  test(`a config that does not end is ended: ${text}`, async (t) => {
    const result = await load(t, 'skein.config.mjs', text, { limitMs: 300 });
    assert.match((result as { message: string }).message, /has not come to its end within 300 ms/);
  });
}

test('a config behind a symbolic link: lines are its own, and so is its directory', async (t) => {
  const cwd = temporaryFolder(t, {
    'releases/1/skein.config.mjs': '\nthrow new Error("boom");',
    'releases/1/good.config.mjs': 'export default [import.meta.dirname, process.env.PWD];',
  });
  symlinkSync('releases/1', join(cwd, 'current'));
  const context = { cwd, env, profile: undefined };
  await assert.rejects(
    loadFile('current/skein.config.mjs', context),
    /config\.mjs:2 cannot be used: Error: boom\./,
  );
  const loaded = await loadFile('current/good.config.mjs', context);
  assert.equal(loaded.path, join(cwd, 'current', 'good.config.mjs'));
  assert.deepEqual(loaded.value, [join(cwd, 'releases', '1'), join(cwd, 'current')]);
});

test('a file that is not there, or is none', async (t) => {
  const cwd = temporaryFolder(t, { 'skein.config.ts': '', 'dir.json/x': '' });
  const context = { cwd, env, profile: undefined };
  await assert.rejects(
    loadFile('skein.confg.ts', context),
    /There is no file .* Did you mean skein\.config\.ts\?/,
  );
  await assert.rejects(loadFile('dir.json', context), /it cannot be read/);
});

test('large values come whole', async (t) => {
  const text = "export default Array.from({ length: 2000 }, (_, n) => ({ n, x: 'x'.repeat(500) }));";
  const { value } = (await load(t, 'c.mjs', text)) as { value: unknown[] };
  assert.equal(value.length, 2000);
  assert.deepEqual(value.at(-1), { n: 1999, x: 'x'.repeat(500) });
});

test('messages name files from here, or whole', async (t) => {
  const cwd = temporaryFolder(t, { 'a/c.json': '{}', 'b/x': '' });
  const context = { cwd, env, profile: undefined };
  assert.equal((await loadFile('a/c.json', context)).shown, join('a', 'c.json'));
  assert.equal(
    (await loadFile('../a/c.json', { ...context, cwd: join(cwd, 'b') })).shown,
    join(cwd, 'a', 'c.json'),
  );
});

test('JSON has no error where JSON.parse finds none', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(jsonErrorAt(text), undefined);
      assert.equal(jsonErrorAt(JSON.stringify(JSON.parse(text), null, 2)), undefined);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.equal(jsonErrorAt(text) === undefined, isJson);
    }),
  );
});

test('`skein/config` is there also beside an older Skein that has none', async (t) => {
  const text = "import { defineConfig } from 'skein/config';\nexport default defineConfig([]);";
  const older = { 'node_modules/skein/package.json': '{ "name": "skein", "exports": { ".": "./gone.js" } }' };
  assert.deepEqual(await load(t, 'skein.config.mjs', text, older), { value: [] });
  const own = {
    'node_modules/skein/package.json': '{ "type": "module", "exports": { "./config": "./own.js" } }',
    'node_modules/skein/own.js': "export const defineConfig = () => ['own'];",
  };
  assert.deepEqual(await load(t, 'skein.config.mjs', text, own), { value: ['own'] });
});
