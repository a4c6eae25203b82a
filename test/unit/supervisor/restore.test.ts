import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { defaultAppPool, defaultFront } from '../../../src/config/balance-defaults.ts';
import { SecretBook } from '../../../src/config/hidden-values.ts';
import type { Home } from '../../../src/os/home.ts';
import { homeFrom } from '../../../src/os/home.ts';
import type { BalanceSettings } from '../../../src/protocol/balance.ts';
import type { ChildInfo } from '../../../src/protocol/holder.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import { companionOf } from '../../../src/supervisor/balancing/companion-spec.ts';
import type { Welcome } from '../../../src/supervisor/holder-client.ts';
import { begunAnew, restore } from '../../../src/supervisor/restore.ts';
import type { AppRecord } from '../../../src/supervisor/store.ts';
import { appSpec } from '../support/app-spec.ts';
import { opening, startedRecord } from './fake-surroundings.ts';

let dir: string;
let home: Home;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skein-restore-'));
  home = homeFrom(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

const balance: BalanceSettings = {
  pool: defaultAppPool,
  front: { ...defaultFront, workers: 1, tls: null },
};

const worker: ChildInfo = {
  tag: { id: 'w', app: 'api', slot: 0, generation: 4, accept: 'shared', alone: false },
  pid: 2 ** 30,
  startedAt: 0,
  exit: null,
};

const welcome = (changes: Partial<Welcome> = {}): Welcome => ({
  event: 'welcome',
  protocol: 1,
  pid: 1,
  version: '0.0.0',
  startedAt: 77,
  home: dir,
  foreground: false,
  children: [],
  listeners: [],
  ...changes,
});

const writeState = (apps: readonly AppRecord[], holder = 77): Record<string, string> => {
  const book = new SecretBook();
  writeFileSync(home.stateFile, book.stringify({ format: 1, apps, ended: [], holder }));
  return book.takeUsed();
};
const writeList = (): void =>
  writeFileSync(home.appsFile, JSON.stringify({ format: 1, apps: [{ run: true, spec: appSpec() }] }));

test('nothing is there: nothing is begun, not even what is saved', () => {
  writeList();
  assert.deepEqual(restore(home, welcome()).state.apps, []);
});

test('under the same holder the state is as it was, with the secrets that it kept', () => {
  const record = startedRecord({ env: { API_KEY: 'k' } });
  const kept = writeState([record]);
  const { state, notes } = restore(home, welcome({ kept, children: [worker] }));
  assert.deepEqual(state.apps, [record]);
  assert.deepEqual(notes, []);
});

test('under a new holder what was wanted begins anew, and what it lacks is said by name', () => {
  const record = {
    ...startedRecord({ env: { API_KEY: 'k' } }),
    crashes: [{ slot: 0, times: [1], restarts: 3 }],
  };
  writeState([record], 5);
  const { state, notes } = restore(home, welcome());
  assert.equal(state.apps[0]?.run, true);
  assert.equal(state.apps[0]?.crashes, undefined);
  assert.deepEqual(notes, [
    { app: 'api', text: 'runs without API_KEY: secrets are not saved, and nothing at hand has its value' },
  ]);
});

test('a state file that is damaged or gone: the saved list, and the workers keep their generation', () => {
  writeList();
  for (const text of ['{"format":1,"ap', null]) {
    if (text === null) rmSync(home.stateFile, { force: true });
    else writeFileSync(home.stateFile, text);
    const { state, notes } = restore(home, welcome({ children: [worker] }));
    assert.deepEqual(
      state.apps.map(({ name, run, current }) => [name, run, current.number]),
      [['api', true, 4]],
    );
    assert.equal(notes.length, 1);
  }
  assert.ok(existsSync(`${home.stateFile}.unreadable`));
});

test('damaged, and nothing saved: nothing, and it is said', () => {
  writeFileSync(home.stateFile, '');
  const { state, notes } = restore(home, welcome());
  assert.deepEqual(state.apps, []);
  assert.match(notes[0]?.text ?? '', /; 0 apps come from the saved list/);
});

test('`skein run` begins with nothing', () => {
  writeState([startedRecord()]);
  assert.deepEqual(restore(home, welcome({ foreground: true })).state.apps, []);
});

test('changes that a reboot has cut off', () => {
  const running = startedRecord();
  assert.equal(begunAnew(changes.stop(running, 'delete', opening('delete'))), null);
  assert.equal(begunAnew(changes.stop(running, 'keep', opening('stop')))?.run, false);
  assert.equal(begunAnew(changes.restart(running, {}, opening('restart')))?.run, true);
  const back = begunAnew(changes.reload(running, { instances: 9 }, 1, opening('reload')));
  assert.equal(back?.current, running.current);
  assert.equal(back?.underWay, null);
  const needing = startedRecord({ dependsOn: [{ app: 'db', condition: 'ready' }] });
  assert.equal(begunAnew(needing)?.waits, 'boot', 'what it depends on comes up as well');
});

test('a balancer before an app is not begun anew by itself, and found again when it runs', () => {
  const app = startedRecord({ balance });
  const companion = startedRecord(companionOf(app.current.spec)!);
  assert.equal(begunAnew(companion), null);
  writeState([app, companion]);
  assert.deepEqual(
    restore(home, welcome()).state.apps.map(({ name }) => name),
    ['api', 'api:balancer'],
  );
  rmSync(home.stateFile);
  const list = { format: 1, apps: [{ run: true, spec: appSpec({ balance }) }] };
  writeFileSync(home.appsFile, JSON.stringify(list));
  const balancer = { ...worker, tag: { ...worker.tag, id: 'b', app: 'api:balancer', generation: 2 } };
  const found = restore(home, welcome({ children: [worker, balancer] })).state.apps;
  assert.deepEqual(
    found.map(({ name, current }) => [name, current.number]),
    [
      ['api', 4],
      ['api:balancer', 2],
    ],
  );
  const without = restore(home, welcome({ children: [worker] })).state.apps;
  assert.deepEqual(
    without.map(({ name }) => name),
    ['api'],
  );
});
