import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { homeKeys, keysFromText, pseudonymOf } from '../../../../src/supervisor/balancing/keys.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'skein-keys-'));
});
after(() => rmSync(dir, { recursive: true }));

it('the keys of a home are made once, for its user alone', () => {
  const warnings: string[] = [];
  const keys = homeKeys(dir, (text) => warnings.push(text));
  assert.equal(Buffer.from(keys.ticketKeys, 'base64').length, 48);
  assert.equal(Buffer.from(keys.stickyKey, 'base64').length, 32);
  assert.deepEqual(homeKeys(dir, assert.fail), keys);
  assert.equal(statSync(join(dir, 'balancer-keys.json')).mode & 0o777, 0o600);
  assert.deepEqual(warnings, []);
});

it('a file that is not readable is replaced', () => {
  const before = homeKeys(dir, assert.fail);
  writeFileSync(join(dir, 'balancer-keys.json'), '{"stickyKey": 1');
  const keys = homeKeys(dir, assert.fail);
  assert.notEqual(keys.stickyKey, before.stickyKey);
  assert.deepEqual(homeKeys(dir, assert.fail), keys);
});

it('where nothing can be written they last as long as the process, and that is said', () => {
  let said = '';
  homeKeys(join(dir, 'missing'), (text) => (said = text));
  assert.match(said, /cannot be written/);
});

it('the same text gives the same keys on every machine', () => {
  assert.deepEqual(keysFromText('one'), keysFromText('one'));
  assert.notEqual(keysFromText('one').stickyKey, keysFromText('two').stickyKey);
  assert.equal(Buffer.from(keysFromText('one').ticketKeys, 'base64').length, 48);
});

it('each balancer of each home has a name of its own', () => {
  const [one, two] = [keysFromText('one'), keysFromText('two')];
  assert.match(pseudonymOf(one, 'edge'), /^skein-[0-9a-f]{8}$/);
  assert.equal(pseudonymOf(one, 'edge'), pseudonymOf(one, 'edge'));
  assert.notEqual(pseudonymOf(one, 'edge'), pseudonymOf(one, 'api:balancer'));
  assert.notEqual(pseudonymOf(one, 'edge'), pseudonymOf(two, 'edge'));
});
