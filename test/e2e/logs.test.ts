/** Every line of every worker, whole, once and in order, whatever happens. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { listSetAside } from '../../src/logs/set-aside.ts';
import type { LogLine } from '../../src/protocol/control.ts';
import { countFlood, readLog } from '../support/logs.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const WORKERS = 4;

/** A directory with these files, removed after the test. */
const directory = (t: TestContext, files: Readonly<Record<string, string>>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-logs-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
};

const startFlood = async (
  skein: Skein,
  lines: number,
  ...flags: readonly string[]
): Promise<readonly number[]> => {
  await skein.ok(
    ['start', fixture('floods.js'), '-n', 'flood', '-i', String(WORKERS), '--ready', 'started', ...flags],
    { env: { LINES: String(lines) } },
  );
  return await skein.pids('flood');
};

const outLog = (skein: Skein, app = 'flood'): string => join(skein.home.logDir, `${app}.out.log`);

const linesOf = (path: string): string[] => readLog(path).split('\n').slice(0, -1);

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) process.kill(pid, signal);
};

const privateKb = (pid: number): number =>
  [
    ...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm),
  ].reduce((sum, [, kb]) => sum + Number(kb), 0);

test(
  'rotation under a flood, the supervisor killed again and again: no line is lost, split or twice',
  { timeout: 120_000 },
  () =>
    withSkein(async (skein) => {
      const each = 700;
      const pids = await startFlood(skein, each, '--log-size', '100K', '--log-keep', '1000');
      const log = outLog(skein);
      const follower = skein.begin(['logs', 'flood', '--follow', '--lines', '0', '--json']);
      let followed = '';
      follower.child.stdout?.setEncoding('utf8').on('data', (text: string) => (followed += text));
      let told = '';
      follower.child.stderr?.setEncoding('utf8').on('data', (text: string) => (told += text));
      let printed = 0;
      const print = (): void => {
        signalAll(pids, 'SIGUSR2');
        printed += each * WORKERS;
      };
      const written = (): Promise<unknown> =>
        until(`${printed} lines`, () => linesOf(log).length >= printed, 30_000);
      // It follows as soon as it has been told something.
      await until('the follower follows', async () => {
        print();
        await written();
        return followed.includes('line');
      });
      const seen = followed.split('\n').length;
      for (let kills = 0; kills < 3; kills += 1) {
        const { supervisor } = await skein.ping();
        process.kill(supervisor.pid, 'SIGKILL');
        // Nobody reads now: what is printed waits in the kernel, and the workers with it.
        print();
        await until('the next supervisor', async () => {
          const now = await skein.ping().catch(() => null);
          return now !== null && now.supervisor.pid !== supervisor.pid;
        });
        print();
        await written();
      }
      assert.deepEqual(countFlood(linesOf(log), WORKERS), Array(WORKERS).fill(printed / WORKERS));
      assert.ok(listSetAside(log).length > 5);

      const followedLines = (): LogLine[] =>
        followed
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as LogLine);
      const last = linesOf(log).slice(-1)[0];
      await until(
        'the follower has seen the end',
        () => followed.split('\n').length > seen && followed.includes(JSON.stringify(last)),
      );
      for (let slot = 0; slot < WORKERS; slot += 1) {
        const numbers = followedLines()
          .filter(({ text }) => text.startsWith(`worker ${slot} `))
          .map(({ text }) => Number(text.split(' ')[3]));
        const first = numbers[0] ?? 0;
        const wrong = numbers.findIndex((number, n) => number !== first + n);
        assert.equal(wrong, -1, `${told} after ${numbers[wrong - 1]} comes ${numbers[wrong]}`);
        assert.equal(numbers.at(-1), printed / WORKERS - 1);
      }
      follower.child.kill();

      await skein.ok(['stop', 'flood']);
      const ends = linesOf(log).slice(-WORKERS).toSorted();
      assert.deepEqual(
        ends,
        ['0', '1', '2', '3'].map((slot) => `worker ${slot} line last`),
      );
    }),
);

test(
  '200,000 lines from 4 workers: none lost, and a follower that is stopped costs little',
  { timeout: 120_000 },
  () =>
    withSkein(async (skein) => {
      const pids = await startFlood(skein, 50_000);
      const { supervisor } = await skein.ping();
      const follower = skein.begin(['logs', 'flood', '--follow', '--json']);
      let followed = '';
      follower.child.stdout?.setEncoding('utf8').on('data', (text: string) => (followed += text));
      let told = '';
      follower.child.stderr?.setEncoding('utf8').on('data', (text: string) => (told += text));
      await until('the follower follows', async () => {
        signalAll(pids.slice(0, 1), 'SIGHUP');
        // Lines that come from the supervisor have a slot; those of the files have none.
        return followed.includes('"slot":0');
      });
      follower.child.kill('SIGSTOP');
      const before = privateKb(supervisor.pid);
      signalAll(pids, 'SIGUSR2');
      const log = outLog(skein);
      await until('all is written', () => linesOf(log).length >= 200_000, 60_000);
      assert.deepEqual(countFlood(linesOf(log), WORKERS), Array(WORKERS).fill(50_000));
      const growth = privateKb(supervisor.pid) - before;
      assert.ok(growth < 20 * 1024, `private memory grew by ${growth} KB`);
      follower.child.kill('SIGCONT');
      await until('it is told what it missed', () =>
        /\d+ lines came faster than they could be shown/.test(told),
      );
      assert.equal((await skein.ping()).supervisor.pid, supervisor.pid);
      follower.child.kill();
    }),
);

test(
  'the last words of a worker that crashes are in its log, also without a newline',
  { timeout: 30_000 },
  (t) =>
    withSkein(async (skein) => {
      const cwd = directory(t, {
        'dies.js':
          "process.stdout.write('one\\nlast words'); process.stderr.write('why'); process.kill(process.pid, 'SIGKILL');",
      });
      assert.equal((await skein.run(['start', 'dies.js', '-n', 'dies'], { cwd })).code, 4);
      assert.equal(readLog(outLog(skein, 'dies')), 'one\nlast words\n');
      assert.equal(readLog(join(skein.home.logDir, 'dies.err.log')), 'why\n');
    }),
);

test('a log that cannot be written refuses the start, and what runs goes on', { timeout: 30_000 }, (t) =>
  withSkein(async (skein) => {
    const cwd = directory(t, { 'says.js': 'console.log(1); setInterval(() => {}, 1e9);', file: '' });
    const args = ['start', 'says.js', '--ready', 'started'];
    const bad = await skein.run([...args, '--log-out', 'file/x.log'], { cwd });
    assert.equal(bad.code, 6, bad.stderr);
    assert.match(bad.stderr, /says: the log file .*file\/x\.log cannot be written: /);
    await skein.ok(args, { cwd });
    const [pid] = await skein.pids('says');
    const reload = await skein.run(['reload', 'says', '--log-err', '.'], { cwd });
    assert.equal(reload.code, 6, reload.stderr);
    assert.match(reload.stderr, /it is a directory/);
    assert.deepEqual(await skein.pids('says'), [pid]);
  }),
);

test('JSON, a file for each worker, searching, emptying, changed settings', { timeout: 60_000 }, (t) =>
  withSkein(async (skein) => {
    const cwd = directory(t, {
      'says.js':
        "process.on('SIGUSR2', () => console.log('hello again')); console.log('a\\nb'); setInterval(() => {}, 1e9);",
    });
    await skein.ok(
      ['start', 'says.js', '-i', '2', '--ready', 'started', '--log-per-worker', '--log-format', 'json'],
      { cwd },
    );
    const path = join(skein.home.logDir, 'says.out-1.log');
    const [first] = (await until('it has spoken', () => readLog(path))).split('\n');
    const { time, pid, ...line } = JSON.parse(first ?? '') as Record<string, unknown>;
    assert.deepEqual(line, { app: 'says', slot: 1, stream: 'out', text: 'a' });
    assert.equal(pid, (await skein.pids('says'))[1]);
    assert.ok(Date.now() - Date.parse(String(time)) < 60_000);

    await skein.ok(['signal', 'USR2', 'says']);
    const found = await until('both have answered', async () => {
      const { stdout } = await skein.ok(['logs', '--since', '1m', '--grep', '/AGAIN/i', '--json']);
      return stdout.split('\n').length === 3 && stdout;
    });
    const lines = found
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as LogLine);
    assert.deepEqual(new Set(lines.map(({ slot }) => slot)), new Set([0, 1]));
    assert.equal((await skein.ok(['logs', 'says', '--grep', 'AGAIN'])).stdout, '');

    await skein.ok([
      ...['reload', 'says', '--no-log-per-worker', '--log-format', 'plain'],
      ...['--log-timestamp', '[at] YYYY'],
    ]);
    const plain = outLog(skein, 'says');
    const stamped = `at ${new Date().getFullYear()}: b\n`;
    await until('the new ones have spoken', () => readLog(plain).split(stamped).length === 3);
    assert.match((await skein.ok(['flush', 'says'])).stdout, new RegExp(`^${plain} is empty$`, 'm'));
    assert.equal(readLog(plain), '');
    renameSync(plain, `${plain}.moved`);
    await skein.ok(['reload-logs']);
    await skein.ok(['signal', 'USR2', 'says']);
    await until('a new file', () => readLog(plain).includes('hello again'));
  }),
);

test(
  'a full disk stops nothing: it is said once, what is missing is counted, it goes on',
  { timeout: 60_000 },
  (t) =>
    withSkein(async (skein) => {
      // Without the right to mount, a device whose disk is always full.
      const mounts = process.getuid?.() === 0;
      const dir = directory(t, {});
      const log = mounts ? join(dir, 'flood.log') : '/dev/full';
      if (mounts) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]);
      try {
        const pids = await startFlood(skein, 1000, '--log-out', log, '--log-size', 'none');
        const failures = async (): Promise<number> =>
          (await skein.events()).filter(({ kind }) => kind === 'log-failed').length;
        signalAll(pids, 'SIGUSR2');
        const { text } = await skein.event('log-failed');
        assert.match(text, /cannot be written: no space left on device; the app goes on/);
        assert.deepEqual(await skein.pids('flood'), pids);
        if (!mounts) return;
        for (const line of linesOf(log)) assert.match(line, /^worker \d line \d+ .* end$/);
        assert.equal(await failures(), 1);
        execFileSync('mount', ['-o', 'remount,size=64m', dir]);
        await until('it goes on', async () => {
          signalAll(pids, 'SIGUSR2');
          return (await skein.events()).some(({ kind }) => kind === 'log-recovered');
        });
        const all = linesOf(log);
        const notes = all.filter((line) => line.startsWith('skein: '));
        assert.equal(notes.length, 1);
        assert.match(notes[0] ?? '', /^skein: \d{4,} lines are missing here: no space left on device$/);
        for (const line of all) assert.match(line, /^(worker \d line \d+ .* end|skein: .*)$/);
      } finally {
        await skein.run(['delete', 'flood']);
        if (mounts) execFileSync('umount', [dir]);
      }
    }),
);
