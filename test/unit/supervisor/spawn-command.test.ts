import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerTag } from '../../../src/protocol/holder.ts';
import type { Boot } from '../../../src/protocol/worker.ts';
import { spawnCommand } from '../../../src/supervisor/spawn-command.ts';
import { appSpec } from '../support/app-spec.ts';

const tag: WorkerTag = { id: 'x', app: 'api', slot: 1, generation: 3, accept: 'per-worker', alone: false };
const places = {
  preload: '/skein/preload.js',
  balancer: '/skein/balancer.js',
  socket: '/home/workers.sock',
  stateSocket: '/home/state.sock',
  threads: 4,
};

test('a Node app gets the preload, its place in the cluster, and nothing else', () => {
  const spec = appSpec({ nodeArgs: ['--enable-source-maps'], args: ['--port', '1'], env: { PORT: '3000' } });
  const { file, args, env, ipc } = spawnCommand(spec, tag, places);
  assert.equal(file, '/usr/bin/node');
  assert.deepEqual(args, [
    '--enable-source-maps',
    '-r',
    '/skein/preload.js',
    '/srv/api/server.js',
    '--port',
    '1',
  ]);
  assert.equal(ipc, true);
  const { SKEIN_BOOT, ...seen } = env;
  assert.deepEqual(seen, {
    PORT: '3000',
    NODE_APP_INSTANCE: '1',
    SKEIN_APP: 'api',
    SKEIN_SLOT: '1',
    SKEIN_GENERATION: '3',
    SKEIN_STATE: 'embedded:%2Fhome%2Fstate.sock?store=api',
    NODE_UNIQUE_ID: '2',
  });
  assert.equal((JSON.parse(SKEIN_BOOT!) as Boot).socket, '/home/workers.sock');
});

test('alone, a worker stays a primary for node:cluster', () => {
  const { env } = spawnCommand(appSpec({ instances: 1 }), { ...tag, slot: 0, alone: true }, places);
  assert.equal('NODE_UNIQUE_ID' in env, false);
});

test('a program gets neither preload nor channel', () => {
  const python = appSpec({
    kind: 'program',
    interpreter: '/usr/bin/python3',
    script: '/srv/app.py',
    args: ['-v'],
  });
  assert.deepEqual(spawnCommand(python, tag, places).args, ['/srv/app.py', '-v']);
  assert.equal('SKEIN_BOOT' in spawnCommand(python, tag, places).env, false);
  const binary = spawnCommand(
    appSpec({ kind: 'program', interpreter: null, script: '/usr/bin/true' }),
    tag,
    places,
  );
  assert.deepEqual([binary.file, binary.args, binary.ipc], ['/usr/bin/true', [], false]);
});

test('incrementVar adds the number of the slot, for programs too', () => {
  const env = (changes: Parameters<typeof appSpec>[0], slot: number): Readonly<Record<string, string>> =>
    spawnCommand(appSpec({ incrementVar: 'PORT', ...changes }), { ...tag, slot }, places).env;
  assert.equal(env({ env: { PORT: '3000' } }, 0)['PORT'], '3000');
  assert.equal(env({ env: { PORT: '3000' } }, 2)['PORT'], '3002');
  assert.equal(env({ shellEnv: { PORT: '4000' } }, 1)['PORT'], '4001');
  assert.equal(env({ shellEnv: { PORT: '4000' }, env: { PORT: '3000' } }, 1)['PORT'], '3001');
  assert.equal(env({ kind: 'program', interpreter: null, env: { PORT: '3000' } }, 1)['PORT'], '3001');
  for (const value of ['none', '', '/run/app.sock', '3000a', '1.5'])
    assert.equal(env({ env: { PORT: value } }, 1)['PORT'], value);
  assert.equal('PORT' in env({}, 1), false);
});

test('where the app shares state is said to it, unless the user has said it', () => {
  const stateOf = (changes: Parameters<typeof appSpec>[0]): string | undefined =>
    spawnCommand(appSpec(changes), tag, places).env['SKEIN_STATE'];
  assert.equal(stateOf({ env: { SKEIN_STATE: 'redis://db' } }), 'redis://db');
  assert.equal(stateOf({ shellEnv: { SKEIN_STATE: 'memory:' } }), 'memory:');
  assert.equal(stateOf({ name: 'a+b' }), 'embedded:%2Fhome%2Fstate.sock?store=a%2Bb');
});
