/** Reloads that nobody asks for at the time: by changed files, and by the calendar. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const generation = async (skein: Skein, app: string, least: number): Promise<void> => {
  await until(`generation ${least}`, async () => {
    const { generation: now, state } = await skein.app(app);
    return now >= least && state === 'running';
  });
  await skein.settled(app);
};

/** Text that this event of the app has. */
const said = (skein: Skein, app: string, text: RegExp): Promise<unknown> =>
  until(`${app} says ${text}`, async () =>
    (await skein.events()).some((event) => event.app === app && text.test(event.text)),
  );

/**
 * Whether there is a later generation. Until it watches, a change leads to nothing, so it is made
 * again; not sooner than after many times the delay, or it would never be quiet for that long.
 */
const touched = (skein: Skein, app: string, script: string, generation: number): (() => Promise<boolean>) => {
  let at = -Infinity;
  return async () => {
    if (performance.now() - at > 1_000) {
      appendFileSync(script, `// ${Date.now()}\n`);
      at = performance.now();
    }
    return (await skein.app(app)).generation > generation;
  };
};

test('watch: a change rolls the app under load, a broken one is undone', { timeout: 90_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'watched-'));
  const script = join(dir, 'server.mjs');
  copyFileSync(fixture('http.js'), script);
  const good = readFileSync(script, 'utf8');
  await noRequestLost({
    script,
    instances: 2,
    flags: ['--cwd', dir, '--watch', '--watch-delay', '50ms', '--watch-ignore', '*.tmp'],
    load: { rate: 200, seed: 9 },
    async act({ skein, app }) {
      await until('the first reload', touched(skein, app, script, 1));
      await skein.settled(app);
      writeFileSync(join(dir, 'ignored.tmp'), '');
      const before = await skein.pids(app);
      writeFileSync(script, `${good}\nthrow new Error('broken release');`);
      await said(skein, app, /reload failed: .* ended before it was ready/);
      assert.deepEqual(await skein.pids(app), before, 'the old generation serves');
      const { generation: tried } = await skein.app(app);
      writeFileSync(script, good);
      await generation(skein, app, tried + 1);
      const events = (await skein.events()).filter((event) => event.app === app);
      assert.ok(events.every(({ text }) => !text.includes('ignored.tmp')));

      // It goes on with the next supervisor, and ends when it is taken back.
      const { pid } = (await skein.ping()).supervisor;
      process.kill(pid, 'SIGKILL');
      await until('the next supervisor', async () => {
        const now = await skein.ping().catch(() => null);
        return now !== null && now.supervisor.pid !== pid;
      });
      const { generation: last } = await skein.app(app);
      await until('the next reload', touched(skein, app, script, last));
      await skein.settled(app);
    },
  });
  rmSync(dir, { recursive: true });
});

test('watch: a path that is not there does not keep the app from running', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('http.js'), '-n', 'app', '--watch-path', 'no/such/place'], {
      env: { PORT: String(await freePort()) },
    });
    await said(skein, 'app', /no\/such\/place cannot be watched: it is not there/);
    assert.equal((await skein.app('app')).state, 'running');
  }),
);

test('cron: rolls at each of its times under load, until it is taken back', { timeout: 90_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 2,
    flags: ['--cron', '*/2 * * * * *', '--cron-time-zone', 'Asia/Tokyo'],
    load: { rate: 200, seed: 10 },
    async act({ skein, app }) {
      await until(
        'two rollouts',
        async () =>
          (await skein.events()).filter(({ text }) => text.startsWith('reload succeeded')).length > 1,
        30_000,
      );
      // While one is under way it is refused.
      await until(
        'the calendar is taken back',
        async () => (await skein.run(['reload', app, '--cron', 'none'])).code === 0,
        30_000,
      );
      const rolled = (await skein.events()).filter(({ text }) => text.includes('(cron)')).length;
      assert.ok(rolled >= 2, String(rolled));
    },
  });
});
