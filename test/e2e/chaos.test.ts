/**
 * Everything at once, in an order that a seed gives: reloads, scaling, broken releases, and SIGKILL of
 * the supervisor, of workers and of the CLI. Whatever happened, the app ends up whole, and only
 * what was inside a killed worker is lost.
 *
 *   CHAOS_SEED=7 node --test test/e2e/chaos.test.ts    the same sequence again
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { noRequestLost } from '../support/no-request-lost.ts';
import type { Finished, Running } from '../support/command.ts';
import { acceptedFrom, isAlive, parentOf, processesWith } from '../support/processes.ts';
import { createRandom } from '../support/load/random.ts';
import { fixture } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const DURATION_MS = 20_000;
const MOST_WORKERS = 5;

/** What happens, and how often. */
const acts = {
  reload: 2,
  scale: 1,
  'kill-supervisor': 1,
  'kill-worker': 1,
  'broken-release': 1,
  'kill-cli': 1,
};

const fdsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

test(`chaos, seed ${seed}`, { timeout: 120_000 }, async (t) => {
  const random = createRandom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'skein-chaos-'));
  const script = join(dir, 'current.js');
  const release = (name: string): void => {
    symlinkSync(fixture(name), join(dir, 'next.js'));
    renameSync(join(dir, 'next.js'), script);
  };
  release('http.js');
  const begun = performance.now();
  const say = (what: string): void => t.diagnostic(`${Math.round(performance.now() - begun)} ms: ${what}`);
  const inside = new Set<number>();

  await noRequestLost({
    script,
    instances: 3,
    load: { rate: 80, seed, maxMs: 100_000 },
    async act({ skein, app, port }) {
      const holder = (await skein.ping()).holder!.pid;
      const fdsBefore = fdsOf(holder);
      const commands: Promise<Finished>[] = [];
      const command = (args: readonly string[]): Running => {
        const running = skein.begin(args);
        commands.push(running.finished);
        return running;
      };

      const does: Record<keyof typeof acts, () => Promise<void>> = {
        reload: async () => {
          command(['reload', app, ...(random.next() < 0.3 ? ['--parallel', '2'] : [])]);
        },
        scale: async () => {
          command(['scale', app, String(random.between(1, MOST_WORKERS))]);
        },
        'kill-supervisor': async () => {
          const { supervisor } = await skein.ping();
          process.kill(supervisor.pid, 'SIGKILL');
        },
        'kill-worker': async () => {
          const pids = await skein.pids(app);
          const victim = pids[random.between(0, pids.length - 1)];
          // It may have ended since; then nothing is lost and nobody else must be hit.
          if (victim === undefined || parentOf(victim) !== holder) return;
          process.kill(victim, 'SIGSTOP');
          for (const client of acceptedFrom(victim, port)) inside.add(client);
          process.kill(victim, 'SIGKILL');
        },
        'broken-release': async () => {
          release('crashes-at-start.js');
          // Whatever else is under way may keep it from happening; it must not go through.
          const { code } = await command(['reload', app]).finished;
          release('http.js');
          assert.notEqual(code, 0, 'a broken release went through');
        },
        'kill-cli': async () => {
          const { child } = command([random.next() < 0.5 ? 'reload' : 'list', app]);
          await delay(random.between(0, 400));
          child.kill('SIGKILL');
        },
      };

      while (performance.now() - begun < DURATION_MS) {
        const act = random.pick(acts);
        say(act);
        // The control API is away for a moment when the supervisor is.
        await does[act]().catch((error: unknown) => {
          if (error instanceof assert.AssertionError) throw error;
        });
        await delay(random.between(0, 900));
      }

      await Promise.all(commands);
      const settled = await until(
        'the app is whole',
        async () => {
          const view = await skein.app(app).catch(() => null);
          if (view?.state !== 'running' || view.workers.length !== view.instances) return null;
          return view.workers.every(({ state }) => state === 'ready') && view;
        },
        60_000,
      );
      // Nothing is under way any more: the next change is taken, and is the last word.
      await skein.ok(['scale', app, '3']);
      await skein.ok(['reload', app]);
      const whole = await skein.settled(app);
      say(`settled at ${settled.instances} workers, generation ${whole.generation}`);
      assert.deepEqual(
        whole.workers.map(({ slot, generation }) => ({ slot, generation })),
        [0, 1, 2].map((slot) => ({ slot, generation: whole.generation })),
      );
      const { supervisor } = await skein.ping();
      const known = new Set([holder, supervisor.pid, ...whole.workers.map(({ pid }) => pid)]);
      const strays = (): unknown[] =>
        processesWith(skein.home.dir).filter(({ pid }) => isAlive(pid) && !known.has(pid));
      await until('no stray process', () => strays().length === 0, 5_000).catch((error: unknown) => {
        throw new Error(`strays: ${JSON.stringify(strays())}`, { cause: error });
      });
      const fds = fdsOf(holder);
      // One socket for each slot that ever was, and what the present workers need.
      assert.ok(fds <= fdsBefore + MOST_WORKERS, `the holder had ${fdsBefore} descriptors, now ${fds}`);
    },
    permits: ({ outcome, localPort }) =>
      (outcome === 'reset' || outcome === 'truncated') && localPort !== null && inside.has(localPort),
  }).finally(() => {
    rmSync(dir, { recursive: true, force: true });
  });
});
