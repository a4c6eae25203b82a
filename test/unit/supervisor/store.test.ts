import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NOTHING_SAVED, loadState } from '../../../src/supervisor/store.ts';
import type { State } from '../../../src/supervisor/store.ts';
import { replaceFile } from '../../../src/os/atomic-file.ts';
import { appSpec } from '../support/app-spec.ts';
import { startedRecord } from './fake-surroundings.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-store-'));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'state.json');
const saveState = (path: string, state: State): void => replaceFile(path, JSON.stringify(state));

test('no file is no app', () => {
  assert.equal(loadState(join(dir, 'none.json')), null);
});

test('what is saved is loaded; for this user alone, and with nothing left beside it', () => {
  const state = { format: 1, apps: [startedRecord()], ended: [], closing: 5 } as const;
  saveState(file, state);
  assert.deepEqual(loadState(file), state);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['state.json']);
});

test('half a file left by a power cut beside it is not read, and is overwritten', () => {
  writeFileSync(`${file}.new`, '{"format":1,"apps":[');
  assert.equal(loadState(file)?.apps.length, 1);
  saveState(file, NOTHING_SAVED);
  assert.deepEqual(loadState(file)?.apps, []);
});

for (const garbage of ['', '{', 'null', '[]', '{"format":2,"apps":[]}', '{"format":1}'])
  test(`garbage is refused: ${JSON.stringify(garbage)}`, () => {
    const path = join(dir, 'garbage.json');
    writeFileSync(path, garbage);
    assert.throws(() => loadState(path));
  });

test('a state file of the version before these fields is read', () => {
  const path = join(dir, 'older.json');
  writeFileSync(path, JSON.stringify({ format: 1, apps: [] }));
  assert.deepEqual(loadState(path), NOTHING_SAVED);
});

test('a directory that cannot be written is an error, and the old file stays', () => {
  assert.throws(() => saveState(join(dir, 'not', 'there.json'), NOTHING_SAVED), { code: 'ENOENT' });
});

test('what a version wrote that knew fewer settings has the defaults of the others', () => {
  const { balance: _, balancer: __, hooks: ___, ...older } = appSpec({ name: 'api' });
  const generation = { number: 1, spec: older };
  const record = {
    name: 'api',
    current: generation,
    previous: generation,
    underWay: { change: { kind: 'prepare', parallel: 1, to: older } },
  };
  const path = join(dir, 'fewer.json');
  writeFileSync(path, JSON.stringify({ format: 1, apps: [record], ended: [] }));
  const app = loadState(path)?.apps[0];
  const change = app?.underWay?.change;
  for (const spec of [app?.current.spec, app?.previous?.spec, change?.kind === 'prepare' ? change.to : null])
    assert.deepEqual(spec, appSpec({ name: 'api' }));
});
