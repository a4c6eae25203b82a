import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../lib/options.ts';

test('a run is full and whole unless asked otherwise', () => {
  assert.deepEqual(parseOptions([]), { depth: 'full', only: [], write: false, help: false });
});

test('scenarios may be given with commas or by repeating the flag', () => {
  assert.deepEqual(parseOptions(['--only', 'close,list', '--only', 'boot']).only, ['close', 'list', 'boot']);
});

test('an unknown flag is an error', () => {
  assert.throws(() => parseOptions(['--fast']), TypeError);
});
