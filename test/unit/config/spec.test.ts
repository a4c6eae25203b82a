import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { applyPatch } from '../../../src/config/apply-patch.ts';
import { nameOfScript } from '../../../src/config/app-name.ts';
import { isNode } from '../../../src/config/interpreter.ts';
import { patchOf } from '../../../src/config/patch.ts';
import type { NewApp } from '../../../src/config/spec.ts';
import { defaults } from '../../../src/config/defaults.ts';
import { specOf } from '../../../src/config/spec.ts';
import type { ErrorCode } from '../../../src/core/error-catalogue.ts';
import { SkeinError } from '../../../src/core/errors.ts';

const dir = mkdtempSync(join(tmpdir(), 'sk-spec-'));
after(() => rmSync(dir, { recursive: true }));
const bin = join(dir, 'bin');
mkdirSync(bin);
for (const name of ['python3', 'bash', 'node22', 'bun', 'tool']) {
  writeFileSync(join(bin, name), '');
  chmodSync(join(bin, name), 0o755);
}
for (const name of ['server.js', 'typed.mts', 'job.py', 'data.txt', 'my app.js', 'all.js'])
  writeFileSync(join(dir, name), '');
writeFileSync(join(dir, 'binary'), '');
chmodSync(join(dir, 'binary'), 0o755);

const context = {
  cwd: dir,
  env: { PATH: bin, HOME: '/home/me', NODE_CHANNEL_FD: '3', SKEIN_BOOT: '{}' },
  cpus: 4,
};
const app = (script: string, more: Partial<NewApp> = {}): NewApp => ({
  script,
  args: [],
  settings: {},
  ...more,
});

const fails = (run: () => unknown, code: ErrorCode, message: RegExp): void => {
  assert.throws(
    run,
    (error) => error instanceof SkeinError && error.code === code && message.test(error.message),
  );
};

test('an app of which only the script is said', () => {
  assert.deepEqual(specOf(app('server.js'), context), {
    ...defaults,
    name: 'server',
    script: join(dir, 'server.js'),
    args: [],
    cwd: dir,
    shellEnv: { PATH: bin, HOME: '/home/me' },
    env: {},
    kind: 'node',
    interpreter: process.execPath,
    nodeArgs: [],
    instances: 1,
    accept: 'shared',
    ready: { kind: 'listening' },
    readyTimeoutMs: 30_000,
    stopSignal: 'SIGTERM',
    drainTimeoutMs: 30_000,
    killTimeoutMs: 10_000,
    restart: { auto: true, maxRestarts: null, stopExitCodes: [], delayMs: 0 },
    maxMemoryBytes: null,
    hangTimeoutMs: null,
  });
});

test('every setting', () => {
  const settings = {
    instances: 'max',
    accept: 'shared',
    ready: '/up',
    readyTimeout: '5s',
    cwd: 'bin',
    nodeArgs: '--max-old-space-size=64 --enable-source-maps',
    interpreter: 'node22',
    stopSignal: 'int',
    drainTimeout: '1m',
    killTimeout: '500ms',
    maxMemory: '300M',
    hangTimeout: '10s',
    maxRestarts: '5',
    stopExitCodes: '0,3',
    autorestart: false,
    env: ['A=1', 'HOME=/other'],
  };
  const spec = specOf(app('typed.mts', { name: 'api', args: ['--x'], settings }), context);
  assert.deepEqual(spec, {
    ...defaults,
    name: 'api',
    script: join(dir, 'typed.mts'),
    args: ['--x'],
    cwd: bin,
    shellEnv: { PATH: bin, HOME: '/home/me' },
    env: { HOME: '/other', A: '1' },
    kind: 'node',
    interpreter: join(bin, 'node22'),
    nodeArgs: ['--max-old-space-size=64', '--enable-source-maps'],
    instances: 4,
    accept: 'shared',
    ready: { kind: 'http', path: '/up' },
    readyTimeoutMs: 5_000,
    stopSignal: 'SIGINT',
    drainTimeoutMs: 60_000,
    killTimeoutMs: 500,
    restart: { auto: false, maxRestarts: 5, stopExitCodes: [0, 3], delayMs: 0 },
    maxMemoryBytes: 300 * 1024 * 1024,
    hangTimeoutMs: 10_000,
  });
});

const kinds: readonly (readonly [
  script: string,
  interpreter: string | undefined,
  kind: string,
  runs: string | null,
])[] = [
  ['job.py', undefined, 'program', join(bin, 'python3')],
  ['binary', undefined, 'program', null],
  ['server.js', 'bun', 'program', join(bin, 'bun')],
  ['data.txt', 'bash', 'program', join(bin, 'bash')],
];

for (const [script, interpreter, kind, runs] of kinds) {
  test(`${script} with ${interpreter ?? 'nothing said'} is a ${kind}`, () => {
    const spec = specOf(app(script, { settings: interpreter === undefined ? {} : { interpreter } }), context);
    assert.deepEqual([spec.kind, spec.interpreter, spec.script], [kind, runs, join(dir, script)]);
    assert.deepEqual(spec.ready, { kind: 'started' });
  });
}

test('a program of PATH', () => {
  const { script, interpreter, name, kind } = specOf(app('tool'), context);
  assert.deepEqual(
    { script, interpreter, name, kind },
    { script: join(bin, 'tool'), interpreter: null, name: 'tool', kind: 'program' },
  );
});

test('what cannot be started says why', () => {
  fails(() => specOf(app('gone.js'), context), 'E_NO_SCRIPT', /no file .*gone\.js\.$/);
  fails(() => specOf(app('server'), context), 'E_NO_SCRIPT', /Did you mean server\.js\?/);
  fails(() => specOf(app('sevrer.js'), context), 'E_NO_SCRIPT', /Did you mean server\.js\?/);
  fails(() => specOf(app('./tool'), context), 'E_NO_SCRIPT', /tool/);
  fails(() => specOf(app('bin'), context), 'E_BAD_SCRIPT', /is a directory/);
  fails(() => specOf(app('data.txt'), context), 'E_BAD_SCRIPT', /not executable/);
  fails(() => specOf(app('job.py'), { ...context, env: {} }), 'E_NO_INTERPRETER', /python3/);
  fails(
    () => specOf(app('server.js', { settings: { interpreter: './nope' } }), context),
    'E_NO_INTERPRETER',
    /nope/,
  );
  fails(() => specOf(app('server.js', { settings: { cwd: 'gone' } }), context), 'E_BAD_CWD', /gone/);
  fails(() => specOf(app('server.js', { name: 'a/b' }), context), 'E_BAD_VALUE', /--name: a\/b/);
  fails(() => specOf(app('server.js', { name: 'all' }), context), 'E_BAD_VALUE', /--name: all/);
});

test('names of scripts as names of apps', () => {
  assert.equal(nameOfScript('/x/my app.js'), 'my-app');
  assert.equal(nameOfScript('/x/all.js'), 'app');
  assert.equal(nameOfScript('/x/.hidden.js'), 'hidden');
  assert.equal(nameOfScript('/x/---.js'), 'app');
});

test('what counts as Node', () => {
  for (const path of ['/usr/bin/node', 'nodejs', '/opt/node-22.19.0', 'node22', 'node.exe'])
    assert.ok(isNode(path), path);
  for (const path of ['/usr/bin/nodemon', 'bun', '/node/bin/python']) assert.ok(!isNode(path), path);
});

test('a patch has only what was written', () => {
  assert.equal(patchOf({}, undefined, context), undefined);
  assert.deepEqual(patchOf({ maxRestarts: 'none', env: ['A=2'] }, [], context), {
    restart: { maxRestarts: null },
    setEnv: { A: '2' },
    args: [],
  });
  assert.deepEqual(patchOf({ updateEnv: true }, undefined, context), {
    shellEnv: { PATH: bin, HOME: '/home/me' },
  });
});

test('a patch changes what it names and nothing else', () => {
  const spec = specOf(app('server.js', { settings: { stopExitCodes: '3', env: ['A=1'] } }), context);
  const patched = applyPatch(spec, { restart: { maxRestarts: 2 }, setEnv: { B: '2' }, stopSignal: 'SIGINT' });
  assert.deepEqual(patched, {
    ...spec,
    stopSignal: 'SIGINT',
    env: { ...spec.env, B: '2' },
    restart: { auto: true, maxRestarts: 2, stopExitCodes: [3], delayMs: 0 },
  });
  assert.deepEqual(applyPatch(spec, { env: { C: '3' }, setEnv: { D: '4' } }).env, { C: '3', D: '4' });
  assert.deepEqual(applyPatch(spec, {}), spec);
});
