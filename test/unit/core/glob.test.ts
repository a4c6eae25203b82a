import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { globToRegExp } from '../../../src/core/glob.ts';

const cases: readonly (readonly [pattern: string, matches: readonly string[], not: readonly string[]])[] = [
  ['*.log', ['a.log', '.log'], ['a.logs', 'a/b.log', 'alog']],
  ['src/*.ts', ['src/a.ts'], ['src/a/b.ts', 'src/.ts/x', 'asrc/a.ts']],
  ['src/**', ['src/a', 'src/a/b.ts'], ['src', 'asrc/b']],
  ['**/test', ['test', 'a/test', 'a/b/test'], ['atest', 'a/testb']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb']],
  ['file?.js', ['file1.js'], ['file.js', 'file/.js', 'file12.js']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
  ['[!a-c]x', ['dx'], ['ax', '/x']],
  ['*.{js,ts}', ['a.js', 'b.ts'], ['a.jsx', 'a.css']],
  ['{src,lib}/**', ['src/a', 'lib/b/c'], ['bin/a']],
  ['a.b+c(d)', ['a.b+c(d)'], ['aXb+c(d)', 'a.bbc(d)']],
  ['[z-a', ['[z-a'], ['z']],
  ['[z-a]', ['[z-a]'], ['z']],
  ['{a', ['{a'], ['a']],
];

for (const [pattern, matches, not] of cases)
  test(`\`${pattern}\``, () => {
    const expression = globToRegExp(pattern);
    for (const path of matches) assert.match(path, expression);
    for (const path of not) assert.doesNotMatch(path, expression);
  });

test('every text is a pattern, and one without special characters matches itself alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, path) => {
      const matched = globToRegExp(pattern).test(path);
      if (!/[*?[{]/.test(pattern)) assert.equal(matched, path === pattern);
    }),
  );
});
