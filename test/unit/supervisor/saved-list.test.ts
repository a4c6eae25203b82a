import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SecretBook } from '../../../src/config/hidden-values.ts';
import { readSavedList } from '../../../src/os/saved-list.ts';
import type { SavedApp } from '../../../src/protocol/saved-list.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import { SavedListFile, savedApp } from '../../../src/supervisor/saved-list.ts';
import { appSpec } from '../support/app-spec.ts';
import { opening, startedRecord } from './fake-surroundings.ts';

let dir: string;
let file: string;
let warnings: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skein-list-'));
  file = join(dir, 'apps.json');
  warnings = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = (): SavedListFile => new SavedListFile(file, new SecretBook(), (text) => warnings.push(text));
const app = (name: string, run = true): SavedApp => ({ run, spec: appSpec({ name }) });
const names = (): string[] => readSavedList(file).list?.apps.map(({ spec }) => spec.name) ?? [];

test('written, for this user alone, with the list before beside it', () => {
  const list = open();
  list.write([app('a')]);
  list.write([app('a'), app('b')]);
  assert.deepEqual(names(), ['a', 'b']);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(`${file}.bak`, 'utf8'), /"a"/);
  assert.doesNotMatch(readFileSync(`${file}.bak`, 'utf8'), /"name": "b"/);
  assert.equal(existsSync(`${file}.new`), false);
});

test('not written when nothing has changed, also by the next supervisor', () => {
  open().write([app('a')]);
  const { mtimeNs, ino } = statSync(file, { bigint: true });
  open().write([app('a')]);
  const now = statSync(file, { bigint: true });
  assert.deepEqual([now.mtimeNs, now.ino], [mtimeNs, ino]);
  // Unless somebody has removed it.
  const list = open();
  rmSync(file);
  list.write([app('a')]);
  assert.deepEqual(names(), ['a']);
});

for (const [name, text] of [
  ['cut off', '{"format":1,"apps":[{"run":tr'],
  ['empty', ''],
  ['of a later version', '{"format":2,"apps":[]}'],
  ['without apps', '{"format":1}'],
  ['with something that is no app', '{"format":1,"apps":[{"run":true,"spec":null}]}'],
] as const)
  test(`a list that is ${name} is set aside, and the one before is used`, () => {
    const before = open();
    before.write([app('a')]);
    before.write([app('a'), app('b')]);
    writeFileSync(file, text);
    assert.deepEqual(names(), ['a']);
    open();
    assert.deepEqual(names(), ['a']);
    assert.equal(readFileSync(`${file}.unreadable`, 'utf8'), text);
    assert.match(warnings[0] ?? '', /set aside as .*apps\.json\.unreadable\. The list before it is used/);
  });

test('without one before, that is said', () => {
  writeFileSync(file, 'x');
  open().write([app('a')]);
  assert.match(warnings[0] ?? '', /There is none before it/);
  assert.deepEqual(names(), ['a']);
});

test('a directory that cannot be written is said once, and tried again', () => {
  const list = open();
  list.write([app('a')]);
  const moved = `${dir}-away`;
  const lost = new SavedListFile(join(moved, 'apps.json'), new SecretBook(), (text) => warnings.push(text));
  lost.tryWrite([app('b')]);
  lost.tryWrite([app('c')]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /cannot be written: ENOENT/);
  chmodSync(dir, 0o700);
});

test('what is to be after a reboot', () => {
  const running = startedRecord({ instances: 2 });
  const old = running.current.spec;
  assert.deepEqual(savedApp(running), { run: true, spec: old });
  assert.deepEqual(savedApp({ ...running, run: false }), { run: false, spec: old });
  assert.equal(savedApp(changes.stop(running, 'keep', opening('stop')))?.run, false);
  assert.equal(savedApp(changes.stop(running, 'delete', opening('delete'))), null);
  assert.equal(savedApp(changes.restart(running, {}, opening('restart')))?.run, true);
  // Meant to run, and would have to be tried again.
  const failure = { code: 'E_NOT_READY', message: '', fix: '' } as const;
  assert.equal(savedApp({ ...running, run: false, failure })?.run, true);
  // Until a rollout has succeeded the old settings are those that hold.
  const rollout = changes.reload(running, { instances: 5 }, 1, opening('reload'));
  assert.equal(savedApp(rollout)?.spec, old);
  assert.equal(savedApp({ ...rollout, underWay: null })?.spec.instances, 5);
});
