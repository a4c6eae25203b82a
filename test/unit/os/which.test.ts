import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { logicalCwd } from '../../../src/os/cwd.ts';
import { isExecutable, which } from '../../../src/os/which.ts';

test('programs are found in PATH, in its order, and only if they may be run', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-which-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const sub of ['plain', 'a', 'b']) mkdirSync(join(dir, sub));
  for (const sub of ['plain', 'a', 'b']) writeFileSync(join(dir, sub, 'tool'), '');
  for (const sub of ['a', 'b']) chmodSync(join(dir, sub, 'tool'), 0o755);
  const path = ['', join(dir, 'gone'), join(dir, 'plain'), join(dir, 'a'), join(dir, 'b')].join(':');

  assert.equal(which('tool', path), join(dir, 'a', 'tool'));
  assert.equal(which('other', path), undefined);
  assert.equal(which('tool', undefined), undefined);
  assert.equal(isExecutable(dir), false);
});

test('the working directory keeps the name by which the shell knows it', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-cwd-'));
  const before = process.cwd();
  t.after(() => {
    process.chdir(before);
    rmSync(dir, { recursive: true });
  });
  mkdirSync(join(dir, 'release-1'));
  symlinkSync('release-1', join(dir, 'current'));
  process.chdir(join(dir, 'current'));

  assert.equal(logicalCwd({ PWD: join(dir, 'current') }), join(dir, 'current'));
  // Left over from elsewhere, relative, or missing.
  const physical = realpathSync(join(dir, 'release-1'));
  for (const PWD of ['/', 'current', '/gone', undefined]) assert.equal(logicalCwd({ PWD }), physical);
});
