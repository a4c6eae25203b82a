/** What a person sees who has made a mistake: one clear line, what to do, an exit code, no stack. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { fixture, plainEnv, withSkein } from '../support/skein.ts';

const oneLine = (stderr: string, says: RegExp): void => {
  assert.match(stderr, /^skein: .*\n {2}.*\n$/);
  assert.match(stderr, says);
};

test('mistakes while an app runs', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('loop.sh'), '-n', 'api']);
    const cases: readonly (readonly [line: string, code: number, says: RegExp])[] = [
      ['stop apu', 3, /There is no app named apu\. Did you mean api\?/],
      ['describe /^web/', 3, /There is no app named \/\^web\//],
      ['logs /(/', 2, /\/\(\/ is not a regular expression/],
      ['rollback api', 7, /api has no previous generation/],
      ['scale api -5', 2, /scale: -5 \(-4 workers\) is not a number of workers/],
      ['signal HUP nope', 3, /There is no app named nope/],
      ['start nope', 3, /There is no file .*nope/],
      [`start ${fixture('loop.sh')} -n api`, 7, /An app named api runs already/],
    ];
    for (const [line, code, says] of cases) {
      const result = await skein.run(line.split(' '));
      assert.deepEqual([result.code, result.stdout], [code, ''], `${line}: ${result.stderr}`);
      oneLine(result.stderr, says);
    }
    assert.equal((await skein.app('api')).state, 'running');
  }),
);

test('SKEIN_DEBUG=1 adds the stack, without it there is none', { timeout: 30_000 }, () =>
  withSkein(async (skein) => {
    const result = await skein.run(['list'], { env: { SKEIN_DEBUG: '1' } });
    assert.equal(result.code, 5);
    assert.match(result.stderr, /\n +at /);
  }),
);

test('a home that cannot be used', { timeout: 30_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-'));
  try {
    const start = async (home: string): Promise<string> => {
      const args = ['start', fixture('loop.sh')];
      const { code, stderr } = await runCommand(args, { env: { ...plainEnv(), SKEIN_HOME: home } }).finished;
      assert.equal(code, 6, stderr);
      return stderr;
    };
    oneLine(await start('/dev/null/x'), /SKEIN_HOME \(\/dev\/null\/x\) cannot be used: it cannot be made/);
    oneLine(await start(join(dir, 'x'.repeat(100))), /too long for a unix socket/);
    mkdirSync(join(dir, 'files'));
    chmodSync(join(dir, 'files'), 0o755);
    cpSync(fixture('loop.sh'), join(dir, 'files', 'loop.sh'));
    oneLine(await start(join(dir, 'files')), /it holds other files/);
    assert.equal(statSync(join(dir, 'files')).mode & 0o777, 0o755);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

// Root may use every socket, so the command gives that right away before it asks. What it loads is
// loaded before: the repository may be out of the other user's reach.
const listAsAnother = `
  const [{ main }, { homeFrom }] = await Promise.all(
    ['cli/main', 'os/home', 'cli/commands/list', 'cli/output/error-text'].map((name) => import(process.env.SRC + name + '.ts')),
  );
  if (process.getuid() === 0) process.setuid(65534);
  const { stdout, stderr, env } = process;
  process.exitCode = await main(['list'], { home: homeFrom(env.SKEIN_HOME), env, cwd: '/', stdout, stderr });
`;

test('no permission for the socket', { timeout: 30_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-'));
  chmodSync(dir, 0o755);
  const socket = join(dir, 'control.sock');
  const server = createServer().listen(socket);
  try {
    await once(server, 'listening');
    chmodSync(socket, 0);
    const env = { ...plainEnv(), SKEIN_HOME: dir, SRC: new URL('../../src/', import.meta.url).href };
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', listAsAnother], {
      env,
      encoding: 'utf8',
    });
    assert.equal(result.status, 6, result.stderr);
    oneLine(result.stderr, /No permission for .*control\.sock/);
  } finally {
    server.close();
    rmSync(dir, { recursive: true });
  }
});
