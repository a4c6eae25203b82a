import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { MARK } from '../../../../src/cli/startup/boot-service.ts';
import { install, uninstall } from '../../../../src/cli/startup/install.ts';
import type { Command, Form } from '../../../../src/cli/startup/places.ts';

let dir: string;
let form: Form;
let ran: string[];
const run = (command: Command): string | null => {
  ran.push(command.join(' '));
  return null;
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skein-install-'));
  ran = [];
  form = {
    file: join(dir, 'etc', 'skein.service'),
    mode: 0o644,
    text: `# ${MARK}\nEnvironment="SKEIN_HOME=/a"\n`,
    enable: [
      ['ctl', 'daemon-reload'],
      ['ctl', 'enable', 'skein'],
    ],
    disable: [
      ['ctl', 'disable', 'skein'],
      ['ctl', 'daemon-reload'],
    ],
    start: ['ctl', 'start', 'skein'],
  };
});
afterEach(() => rmSync(dir, { recursive: true }));

test('writes and enables; again, it changes nothing and enables again', () => {
  assert.equal(install(form, run), true);
  assert.equal(readFileSync(form.file, 'utf8'), form.text);
  assert.equal(statSync(form.file).mode & 0o777, 0o644);
  assert.equal(install(form, run), false);
  assert.deepEqual(ran, ['ctl daemon-reload', 'ctl enable skein', 'ctl daemon-reload', 'ctl enable skein']);
});

test('removes what it wrote, once', () => {
  install(form, run);
  ran = [];
  assert.equal(uninstall(form, run), true);
  assert.equal(existsSync(form.file), false);
  assert.deepEqual(ran, ['ctl disable skein', 'ctl daemon-reload']);
  assert.equal(uninstall(form, run), false);
});

test('a file of somebody else, or of another home, is neither replaced nor removed', () => {
  install(form, run);
  for (const text of ['[Service]\nExecStart=/bin/nginx\n', form.text.replace('/a', '/b')]) {
    writeFileSync(form.file, text);
    ran = [];
    assert.throws(() => install(form, run), { code: 'E_STARTUP' });
    assert.throws(() => uninstall(form, run), { code: 'E_STARTUP' });
    assert.equal(readFileSync(form.file, 'utf8'), text);
    assert.deepEqual(ran, []);
  }
});

test('a service manager that refuses is told with its reason; the file is there', () => {
  const refuse = ([, verb]: Command): string | null => (verb === 'enable' ? 'not today' : null);
  assert.throws(() => install(form, refuse), {
    code: 'E_NOT_ENABLED',
    message: `${form.file} is written, but \`ctl enable skein\` failed: not today.`,
  });
  assert.ok(existsSync(form.file));
});

test('a directory that cannot be made is one clear line', () => {
  writeFileSync(join(dir, 'etc'), '');
  assert.throws(() => install(form, run), { code: 'E_STARTUP', message: /cannot be written: / });
});
