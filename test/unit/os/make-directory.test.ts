import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeDirectory } from '../../../src/os/make-directory.ts';

const dir = mkdtempSync(join(tmpdir(), 'sk-mkdir-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('makes what is missing, for this user alone, and leaves what is there', () => {
  const deep = join(dir, 'a', 'b', 'c');
  makeDirectory(deep);
  makeDirectory(deep);
  assert.equal(statSync(deep).mode & 0o777, 0o700);
});

test('a file in the way is told', () => {
  writeFileSync(join(dir, 'file'), '');
  assert.throws(() => makeDirectory(join(dir, 'file')), { code: 'EEXIST' });
  assert.throws(() => makeDirectory(join(dir, 'file', 'in-it')), { code: /EEXIST|ENOTDIR/ });
});

test('where nothing can be made it ends: mkdirSync with `recursive` does not', () => {
  assert.throws(() => makeDirectory('/proc/no-such-directory/in-it'), { code: 'ENOENT' });
});
