import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAsWritten } from '../../support/console-examples.ts';

const cases: readonly (readonly [why: string, expected: string, printed: string, same: boolean])[] = [
  ['the same text', 'hello', 'hello\n', true],
  ['another text', 'hello', 'hallo\n', false],
  ['more than is written', 'hello', 'hello\nhello\n', false],
  ['less than is written', 'a\nb', 'a\n', false],
  ['a single digit is exact', 'refused 0', 'refused 1\n', false],
  ['longer numbers are any number', 'pid 3772', 'pid 41\n', true],
  ['but numbers', 'pid 3772', 'pid none\n', false],
  ['a time in another unit', 'in 140 ms', 'in 1.2 s\n', true],
  ['a column of another width', 'a  b', 'a       b\n', true],
  ['… within a line', 'a … d', 'a b c d\n', true],
  ['… as a line is none', 'a\n…', 'a\n', true],
  ['… as a line is many', 'a\n…\nd', 'a\nb\nc\nd\n', true],
  ['… as a line hides no missing end', 'a\n…\nd', 'a\nb\n', false],
  ['characters of regular expressions mean themselves', '[::]:3000', '[::]:4000\n', true],
  ['a dot is a dot', 'a.b', 'axb\n', false],
];

for (const [why, expected, printed, same] of cases)
  test(`examples: ${why}`, () => assert.equal(isAsWritten(expected.split('\n'), printed), same));
