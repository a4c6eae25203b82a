/** `skein run`: the foreground form for containers and service managers. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { startLoad } from '../support/load/load.ts';
import { lost } from '../support/load/profile.ts';
import { freePort } from '../support/ports.ts';
import { processesWith } from '../support/processes.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const answers = (port: number): Promise<unknown> => until('it answers', () => get(port).catch(() => null));

/** Everything the process has printed so far. */
const collect = (child: ChildProcess): { text: string } => {
  const seen = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => (seen.text += String(chunk)));
  return seen;
};

test("run: output with the worker's name, SIGTERM drains and stops", { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    const run = skein.begin(['run', fixture('chatty.js'), '-n', 'web', '-i', '2'], {
      env: { PORT: String(port) },
    });
    const seen = collect(run.child);
    await answers(port);
    await until(
      'the output is there',
      () => /web\.\d \| out \//.test(seen.text) && /web\.\d \| err \//.test(seen.text),
    );
    run.child.kill('SIGTERM');
    const { code, stdout, stderr } = await run.finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /web\.\d \| out \//);
    assert.match(stderr, /web\.\d \| err \//);
    assert.deepEqual(processesWith(skein.home.dir), []);
  }),
);

test('run: requests in flight at SIGTERM are answered', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    const run = skein.begin(['run', fixture('http.js'), '-i', '2'], { env: { PORT: String(port) } });
    await answers(port);
    const load = await startLoad({ port, rate: 200, mix: { 'slow-write': 1 } });
    await load.answered(50);
    run.child.kill('SIGTERM');
    const tally = await load.stop();
    assert.equal((await run.finished).code, 0);
    // Connections that came after the listening sockets had been closed were refused or, in the
    // accept queue at that moment, reset before a byte of theirs was read: the service was ending.
    assert.equal(
      lost(tally) - tally.outcomes.refused - tally.outcomes.reset,
      0,
      JSON.stringify(tally.losses.slice(0, 5)),
    );
  }),
);

for (const code of [0, 3]) {
  test(`run: exit code ${code} of an app that is not restarted is passed on`, { timeout: 60_000 }, () =>
    withSkein(async (skein) => {
      const done = await skein.run(['run', fixture('job.js'), '--ready', 'started', '--no-autorestart'], {
        env: { EXIT_CODE: String(code) },
      });
      assert.equal(done.code, code, JSON.stringify(done));
      assert.match(done.stdout, /working\n.*done/s);
      assert.deepEqual(processesWith(skein.home.dir), []);
    }),
  );
}

test('run: a stop exit code is passed on', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const done = await skein.run(['run', fixture('job.js'), '--ready', 'started', '--stop-exit-codes', '5'], {
      env: { EXIT_CODE: '5' },
    });
    assert.equal(done.code, 5, JSON.stringify(done));
  }),
);

test('run: a missing script exits non-zero with one clear line', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const done = await skein.run(['run', '/nonexistent/app.js']);
    assert.equal(done.code, 3);
    assert.match(done.stderr, /skein: There is no file \/nonexistent\/app\.js/);
    assert.deepEqual(processesWith(skein.home.dir), []);
  }),
);

test('run: an app that crashes at start passes its exit code on', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const done = await skein.run(['run', fixture('crashes-at-start.js')]);
    assert.equal(done.code, 1, JSON.stringify(done));
    assert.match(done.stderr, /no configuration file/);
    assert.deepEqual(processesWith(skein.home.dir), []);
  }),
);

test('run: SIGINT twice kills', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    const run = skein.begin(['run', fixture('ignores-sigterm.js'), '--kill-timeout', '30s'], {
      env: { PORT: String(port) },
    });
    const seen = collect(run.child);
    await answers(port);
    run.child.kill('SIGINT');
    await until('the app was asked to end', () => seen.text.includes('SIGTERM ignored'));
    run.child.kill('SIGINT');
    const done = await run.finished;
    assert.ok(done.ms < 20_000, `${done.ms} ms`);
    assert.notEqual(done.code, 0);
    await until('nothing is left', () => processesWith(skein.home.dir).length === 0);
  }),
);

test('run: the supervisor is killed: the run goes on', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    const run = skein.begin(['run', fixture('http.js'), '-n', 'web', '-i', '2'], {
      env: { PORT: String(port) },
    });
    await answers(port);
    const pids = await until('both are ready', async () => {
      const ready = await skein.pids('web');
      return ready.length === 2 && ready;
    });
    const { supervisor } = await skein.ping();
    process.kill(supervisor.pid, 'SIGKILL');
    await until(
      'the next supervisor',
      async () => (await skein.ping().catch(() => null))?.supervisor.pid !== supervisor.pid,
    );
    await skein.settled('web');
    assert.deepEqual(await skein.pids('web'), pids);
    run.child.kill('SIGTERM');
    assert.equal((await run.finished).code, 0);
  }),
);

test('run: the apps of a config file, until the last has ended', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const file = join(skein.home.dir, '..', 'skein.config.json');
    const server = { name: 'web', script: fixture('http.js'), env: { PORT: await freePort() } };
    const ending = { ready: 'started', autorestart: false };
    const job = { name: 'job', script: fixture('job.js'), ...ending };
    writeFileSync(file, JSON.stringify([server, job]));
    const run = skein.begin(['run', file]);
    await answers(server.env.PORT);
    await skein.event('worker-stopped', ({ app }) => app === 'job');
    run.child.kill('SIGTERM');
    assert.equal((await run.finished).code, 0);
    const one = await skein.run(['run', file, '--only', 'jop']);
    assert.equal(one.code, 3);
    assert.match(one.stderr, /no app named jop\. Did you mean job\?/);
    writeFileSync(file, JSON.stringify({ ...job, script: fixture('crashes-at-start.js') }));
    const failed = await skein.run(['run', file]);
    assert.notEqual(failed.code, 0);
    assert.deepEqual(processesWith(skein.home.dir), []);
  }),
);
