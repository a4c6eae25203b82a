import assert from 'node:assert/strict';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findConfig, isConfigName } from '../../../../src/config/file/find.ts';
import { SkeinError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('the nearest config counts, from here upward', (t) => {
  const top = temporaryFolder(t);
  const inner = join(top, 'a', 'b');
  mkdirSync(inner, { recursive: true });
  assert.equal(findConfig(inner), undefined);
  writeFileSync(join(top, 'skein.config.ts'), '');
  assert.equal(findConfig(inner), join(top, 'skein.config.ts'));
  writeFileSync(join(top, 'a', 'skein.config.yml'), '');
  assert.equal(findConfig(inner), join(top, 'a', 'skein.config.yml'));
  for (const file of ['skein.config.txt', 'skein.config', 'my.skein.config.ts', 'ecosystem.config.js'])
    writeFileSync(join(inner, file), '');
  assert.equal(findConfig(inner), join(top, 'a', 'skein.config.yml'));
});

test('two in one directory are a mistake, and which one is meant is not guessed', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'skein.config.ts'), '');
  writeFileSync(join(dir, 'skein.config.json'), '');
  assert.throws(
    () => findConfig(dir),
    (error) =>
      error instanceof SkeinError &&
      error.code === 'E_CONFIG' &&
      /both skein\.config\.json and skein\.config\.ts/.test(error.message),
  );
  rmSync(join(dir, 'skein.config.ts'));
  assert.equal(findConfig(dir), join(dir, 'skein.config.json'));
});

const isRoot = process.getuid?.() === 0;

test('a file above that somebody else has laid there is not run by accident', (t) => {
  const dir = temporaryFolder(t);
  const inner = join(dir, 'a');
  mkdirSync(inner);
  writeFileSync(join(dir, 'skein.config.js'), '');
  // Only root can make a file of another user.
  if (isRoot) {
    chownSync(join(dir, 'skein.config.js'), 12_345, 12_345);
    assert.throws(() => findConfig(inner), /belongs to another user/);
  }
  assert.equal(findConfig(dir), join(dir, 'skein.config.js'));
});

test('names of config files', () => {
  for (const name of ['skein.config.ts', './a/ecosystem.config.cjs', 'apps.json', '/srv/apps.yaml', 'x.yml'])
    assert.ok(isConfigName(name), name);
  for (const name of ['config.js', 'server.js', 'api', 'all', '/^api-/', 'app.config', 'yaml'])
    assert.ok(!isConfigName(name), name);
});
