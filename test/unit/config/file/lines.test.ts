import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readData } from '../../../../src/config/file/data.ts';
import { scriptLines } from '../../../../src/config/file/script-lines.ts';
import type { KeyPath } from '../../../../src/config/place.ts';

test('lines of YAML: of a key, of an item, of the nearest thing that is there', async () => {
  const text = 'apps:\n  - name: a\n    logs:\n      rotate: { size: 1,\n        keep: 2 }\n  - name: b\n';
  const { lineOf } = await readData(text, 'yaml', 'f');
  const lines: readonly (readonly [KeyPath, number])[] = [
    [[], 1],
    [['apps'], 1],
    [['apps', 0], 2],
    [['apps', 0, 'logs'], 3],
    [['apps', 0, 'logs', 'rotate', 'keep'], 5],
    [['apps', 1, 'name'], 6],
    [['apps', 1, 'gone', 'too'], 6],
    [['apps', 7], 1],
  ];
  for (const [path, line] of lines) assert.equal(lineOf(path), line, JSON.stringify(path));
});

test('lines of JSON', async () => {
  const { lineOf } = await readData('[\n\t{ "name": "a",\n\t"env": {\n\t\t"A": 1 } } ]', 'json', 'f');
  assert.equal(lineOf([0, 'env', 'A']), 4);
});

const source = `import { defineConfig } from 'skein/config'; // name: 'api'
/* { name: 'web',
   killTimeout: 1 } */
const common = {
  readyTimeout: '5s',
};
export default defineConfig({
  apps: [
    {
      name: 'api',
      script: \`x
\${y}\`,
      killTimeout: 'soon', 'drain_timeout': 3,
      env: { A: "}{", B: '\\'',
        C: 1 },
      logs: { rotate: {
        size: 1 } },
    },
    {
      ...common,
      script: "web.js", name: "web",
      instances: cond ? { a: 1 } : 2,
      args: ['a',
        'b'],
    },
    make('third'),
  ],
});
`;
const value = {
  apps: [
    { name: 'api', script: 'x\n1', killTimeout: 'soon', env: { A: '', B: '', C: 1 } },
    { name: 'web', script: 'web.js', readyTimeout: '5s', instances: 2 },
    { name: 'third', script: 'third.js', readyTimeout: 1 },
  ],
};

test('lines of a program, as far as its text shows them', () => {
  const lineOf = scriptLines(source, value);
  const lines: readonly (readonly [KeyPath, number | undefined])[] = [
    [['apps'], 8],
    [['apps', 0], 9],
    [['apps', 0, 'killTimeout'], 13],
    [['apps', 0, 'drain_timeout'], 13],
    [['apps', 0, 'env', 'C'], 15],
    [['apps', 0, 'logs', 'rotate', 'size'], 17],
    [['apps', 1], 19],
    [['apps', 1, 'instances'], 22],
    // Spread from elsewhere: the app it is in.
    [['apps', 1, 'readyTimeout'], 19],
    // Made by a function: its call.
    [['apps', 2, 'readyTimeout'], 26],
    [['apps', 3, 'readyTimeout'], 5],
    [['apps', 3, 'nowhere'], undefined],
  ];
  for (const [path, line] of lines) assert.equal(lineOf(path), line, JSON.stringify(path));
});

test('one app without a list, and a list without an object', () => {
  const one = scriptLines("module.exports = {\n  script: 'a.js',\n  kilTimeout: 1 };", { script: 'a.js' });
  assert.equal(one(['kilTimeout']), 3);
  const list = scriptLines("export default [\n  { script: 'a' },\n  { script: 'a',\n    x: 1 }];", [
    { script: 'a' },
    { script: 'a' },
  ]);
  assert.equal(list([1, 'x']), 4);
  const nonsense = scriptLines('export default {\n  aps: [] };', { aps: [] });
  assert.equal(nonsense(['aps']), 2);
});

test('any text has lines or none, and never fails', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', ':', ',', 'a', "'", '"', '`', '\n', '/', '*', ' '),
      }),
      (text) => {
        const line = scriptLines(text, { apps: [{ name: 'a' }] })(['apps', 0, 'a']);
        assert.ok(line === undefined || (line >= 1 && line <= text.split('\n').length));
      },
    ),
  );
});
