import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { prepareHome } from '../../../src/cli/home-directory.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import type { Home } from '../../../src/os/home.ts';
import { homeFrom } from '../../../src/os/home.ts';
import { temporaryHome } from '../control/fake-control.ts';

const modeOf = (home: Home): number => statSync(home.dir).mode & 0o777;
const inside = (t: TestContext, name: string): Home => homeFrom(join(temporaryHome(t).dir, name));
const refused = (home: Home, reason: RegExp): void => {
  assert.throws(
    () => prepareHome(home),
    (error) => error instanceof SkeinError && error.code === 'E_HOME' && reason.test(error.message),
  );
};

test('a home is made, for its user alone', (t) => {
  const home = inside(t, 'a/b');
  prepareHome(home);
  assert.equal(modeOf(home), 0o700);
  prepareHome(home);
});

test('an empty or used home that others could enter is closed to them', (t) => {
  const home = inside(t, 'open');
  mkdirSync(home.dir);
  chmodSync(home.dir, 0o755);
  prepareHome(home);
  assert.equal(modeOf(home), 0o700);
  writeFileSync(home.stateFile, '');
  chmodSync(home.dir, 0o750);
  prepareHome(home);
  assert.equal(modeOf(home), 0o700);
});

test("a directory of somebody's files is left as it is", (t) => {
  const home = inside(t, 'documents');
  mkdirSync(home.dir);
  writeFileSync(join(home.dir, 'letter.txt'), '');
  chmodSync(home.dir, 0o755);
  refused(home, /it holds other files, and users other than you can enter it \(mode 755\)/);
  assert.equal(modeOf(home), 0o755);
});

test('what cannot be a home', (t) => {
  const file = inside(t, 'file');
  writeFileSync(file.dir, '');
  refused(file, /cannot be made \(EEXIST\)/);
  refused(homeFrom(join(file.dir, 'below')), /cannot be made \(ENOTDIR\)/);
  refused(inside(t, 'x'.repeat(120)), /bytes too long for a unix socket/);
});
