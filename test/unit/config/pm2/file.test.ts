/** Which files are PM2's, and what is in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPm2File, noteText, readPm2File } from '../../../../src/config/pm2/file.ts';
import type { ReadPm2File } from '../../../../src/config/pm2/file.ts';
import { findKey, pm2Keys } from '../../../../src/config/pm2/keys.ts';
import { fields } from '../../../../src/config/fields.ts';
import { snakeOf } from '../../../../src/config/keys.ts';
import { SkeinError } from '../../../../src/core/errors.ts';

const file = '/srv/shop/ecosystem.config.js';

const read = (value: unknown): ReadPm2File =>
  readPm2File(value, { file, profile: undefined, isFile: () => false });

const names = (value: unknown): string[] => read(value).apps.map(({ app }) => app.name);

test("regression: no setting of Skein's makes a file PM2's", () => {
  for (const setting of Object.keys(fields).flatMap((name) => [name, snakeOf(name)]))
    assert.equal(isPm2File('skein.config.json', { apps: [{ [setting]: 1 }] }), false, setting);
});

test('PM2 files are known by their name', () => {
  for (const name of [
    'ecosystem.config.js',
    'ecosystem.config.cjs',
    'ecosystem.json',
    'ecosystem.yml',
    'process.json',
    'process.yaml',
    'pm2.json',
    'pm2.config.js',
  ])
    assert.ok(isPm2File(`/srv/${name}`, { apps: [{ script: 'a.js' }] }), name);
  assert.ok(!isPm2File('/srv/skein.config.json', { apps: [{ script: 'a.js' }] }));
});

test('or by keys that only PM2 has', () => {
  const has = (value: unknown): boolean => isPm2File('/srv/apps.json', value);
  assert.ok(has({ apps: [{ script: 'a.js', exec_mode: 'cluster' }] }));
  assert.ok(has([{ script: 'a.js', max_memory_restart: '1G' }]));
  assert.ok(has({ script: 'a.js', out_file: 'a.log' }));
  assert.ok(has({ pm2: [{ script: 'a.js' }] }));
  assert.ok(!has({ apps: [{ script: 'a.js', instances: 2 }] }));
  for (const value of [null, 3, 'text', [], {}]) assert.ok(!has(value));
});

test('stdin is taken for PM2, unless it has what PM2 does not know', () => {
  assert.ok(isPm2File('/srv/-', { apps: [{ script: 'a.js', env_production: {} }] }));
  assert.ok(!isPm2File('/srv/-', { apps: [{ script: 'a.js', drainTimeout: '5s' }] }));
});

test('apps may be in `apps`, in `pm2`, a list, one alone', () => {
  assert.deepEqual(names({ apps: [{ script: 'a.js' }, { script: 'b.js' }] }), ['a', 'b']);
  assert.deepEqual(names({ apps: { script: 'a.js' } }), ['a']);
  assert.deepEqual(names({ pm2: [{ script: 'a.js' }] }), ['a']);
  assert.deepEqual(names([{ script: 'a.js' }]), ['a']);
  assert.deepEqual(names({ exec: 'a.js' }), ['a']);
});

test('`deploy` and what else stands beside the apps is named, not dropped', () => {
  const { notes } = read({ apps: [{ script: 'a.js', min_uptime: 5 }], deploy: {}, ap: 1 });
  assert.deepEqual(
    notes.map((note) => noteText(file, note)),
    [
      'ecosystem.config.js: deploy has no equivalent, Skein does not copy code to other machines: use your deployment tool, then `skein reload`.',
      'ecosystem.config.js: ap is no key of PM2 or Skein: take it out.',
      'ecosystem.config.js, a: min_uptime has no equivalent, restarts are counted within 5 minutes, however long a worker lived: set `max_restarts` if Skein is to give up.',
    ],
  );
  assert.equal(
    noteText(file, { app: 'a', key: 'nam', text: 'is no key: did you mean name?' }),
    'ecosystem.config.js, a: nam is no key: did you mean name?',
  );
});

test('a file without apps is an error that names it', () => {
  for (const value of [undefined, null, 3, {}, { apps: [] }, []])
    assert.throws(
      () => read(value),
      (error) => error instanceof SkeinError && error.code === 'E_CONFIG' && error.message.includes(file),
    );
});

test('every name of a key is found once, in both spellings', () => {
  const all = pm2Keys.flatMap(({ key, aliases }) => [key, ...aliases]);
  assert.equal(new Set(all).size, all.length);
  assert.equal(findKey('maxMemoryRestart')?.key, 'max_memory_restart');
  assert.equal(findKey('combineLogs')?.key, 'merge_logs');
  assert.equal(findKey('windowsHide')?.key, 'windowsHide');
  assert.equal(findKey('nonsense'), undefined);
});
