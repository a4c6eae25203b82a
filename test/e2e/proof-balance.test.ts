/** An app behind a balancer: whatever is done to its workers, to the balancer and to the supervisor, requests are answered. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { slowBoot } from '../support/slow-boot.ts';
import { until } from '../support/wait.ts';

const flags = ['--balance', 'least-connections'];

/** More of them make the proof stronger, and longer. */
const KILLS = Number(process.env['SKEIN_TEST_KILLS'] ?? 20);

const killSupervisor = async (skein: Skein): Promise<void> => {
  const { supervisor } = await skein.ping();
  process.kill(supervisor.pid, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = await skein.ping().catch(() => null);
    return now !== null && now.supervisor.pid !== supervisor.pid;
  });
};

test('reload of the app, and of the balancer; scale up and down; restart', { timeout: 90_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    flags,
    load: { rate: 150, seed: 21 },
    async act({ skein, app, load }) {
      const balancer = `${app}:balancer`;
      const [before] = await skein.pids(balancer);
      await skein.ok(['reload', app]);
      assert.deepEqual(await skein.pids(balancer), [before], 'the balancer needs no reload of its own');
      await load.answered(50);
      await skein.ok(['reload', balancer]);
      assert.notDeepEqual(await skein.pids(balancer), [before]);
      await load.answered(50);
      await skein.ok(['scale', app, '2']);
      await load.answered(50);
      await skein.ok(['scale', app, '+2']);
      await load.answered(50);
      await skein.ok(['restart', app]);
    },
  });
});

test('SIGKILL of the supervisor in the middle of a rollout', { timeout: 60_000 }, async () => {
  const boot = slowBoot(300);
  await noRequestLost({
    script: 'http.js',
    flags: [...flags, ...boot.options.flags],
    env: boot.options.env,
    load: { rate: 120, seed: 22 },
    async act({ skein, app, load }) {
      const balancers = await skein.pids(`${app}:balancer`);
      const cli = skein.begin(['reload', app]);
      await until('a worker drains', async () =>
        (await skein.app(app)).workers.some(({ generation }) => generation === 2),
      );
      await killSupervisor(skein);
      assert.equal((await cli.finished).code, 0);
      await load.answered(50);
      const after = await skein.settled(app);
      assert.ok(after.workers.every(({ generation }) => generation === 2));
      assert.deepEqual(await skein.pids(`${app}:balancer`), balancers);
    },
  });
  boot.remove();
});

interface Answers {
  ok: number;
  readonly lost: string[];
}

/** Asks again and again on connections that stay, until it is told to stop. */
const asking = (port: number, method: 'GET' | 'POST') => {
  const agent = new Agent({ keepAlive: true });
  const answers: Answers = { ok: 0, lost: [] };
  const answered = new Set<string>();
  let over = false;
  let nth = 0;
  const ask = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const failed = (error: Error): void => {
        answers.lost.push(`${id}: ${error.message}`);
        resolve();
      };
      const asked = request({ port, host: '127.0.0.1', method, agent }, (response) => {
        text(response).then((body) => {
          if (response.statusCode === 200 && body === 'ok') {
            answers.ok += 1;
            answered.add(id);
          } else answers.lost.push(`${id}: ${response.statusCode} ${body}`);
          resolve();
        }, failed);
      });
      asked.on('error', failed).end(method === 'POST' ? id : undefined);
    });
  const client = async (): Promise<void> => {
    while (!over) await ask(`${method}-${(nth += 1)}`);
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  return {
    answered,
    end: async (): Promise<Answers> => {
      over = true;
      await clients;
      agent.destroy();
      return answers;
    },
  };
};

test(
  `SIGKILL of workers, ${KILLS} times: each GET is answered, no POST is done twice`,
  { timeout: 240_000 },
  async () => {
    await withSkein(async (skein) => {
      const port = await freePort();
      const file = join(skein.home.dir, 'posts');
      const env = { PORT: String(port), POSTS_FILE: file };
      // A slot that crashes again and again pauses longer each time: each has five kills.
      const workers = String(Math.max(4, Math.ceil(KILLS / 5)));
      await skein.ok(['start', fixture('counts-posts.js'), '--name', 'app', '-i', workers, ...flags], {
        env,
      });
      const gets = asking(port, 'GET');
      const posts = asking(port, 'POST');
      await until('load', () => gets.answered.size > 500 && posts.answered.size > 100);
      const killed = new Set<number>();
      while (killed.size < KILLS) {
        const pids = await until(
          'somebody serves',
          async () => {
            const ready = (await skein.pids('app')).filter((pid) => !killed.has(pid));
            return ready.length >= 2 && ready;
          },
          40_000,
        );
        // The one that has been there for longest is in the slot that was spared longest.
        const [victim] = pids.toSorted((a, b) => a - b) as [number];
        killed.add(victim);
        process.kill(victim, 'SIGKILL');
      }
      await skein.settled('app');
      const got = await gets.end();
      const posted = await posts.end();
      assert.deepEqual(got.lost, []);
      assert.ok(got.ok > 100 && posted.ok > 100, `hardly any load: ${got.ok}, ${posted.ok}`);
      const done = readFileSync(file, 'utf8').trim().split('\n');
      assert.equal(new Set(done).size, done.length, 'no POST is done twice');
      const written = new Set(done);
      for (const id of posts.answered) assert.ok(written.has(id), `${id} was answered and not done`);
    });
  },
);

test('all workers down for two seconds: requests wait, and are answered', { timeout: 60_000 }, async () => {
  const boot = slowBoot(0);
  await withSkein(async (skein) => {
    const port = await freePort();
    const env = { PORT: String(port), POSTS_FILE: '/dev/null', ...boot.options.env };
    await skein.ok(
      ['start', fixture('counts-posts.js'), '--name', 'app', '-i', '2', ...flags, ...boot.options.flags],
      { env },
    );
    const gets = asking(port, 'GET');
    await until('load', () => gets.answered.size > 500);
    boot.takes(2_000);
    const before = await skein.pids('app');
    for (const pid of before) process.kill(pid, 'SIGKILL');
    const begun = performance.now();
    await until('they are gone', async () => (await skein.pids('app')).every((pid) => !before.includes(pid)));
    await skein.settled('app');
    const { ok, lost } = await gets.end();
    assert.ok(performance.now() - begun > 1_500, 'they were down');
    assert.deepEqual(lost, []);
    assert.ok(ok > 500);
  });
  boot.remove();
});

test(
  'stop ends the balancer with the app, start brings both back; a port in use is said',
  { timeout: 60_000 },
  async () => {
    await withSkein(async (skein) => {
      const port = await freePort();
      const env = { PORT: String(port), POSTS_FILE: '/dev/null' };
      const start = (name: string) =>
        skein.run(['start', fixture('counts-posts.js'), '--name', name, '-i', '2', ...flags], { env });
      assert.equal((await start('app')).code, 0);
      const names = async (): Promise<string[]> => (await skein.list()).map(({ name }) => name);
      assert.deepEqual(await names(), ['app', 'app:balancer']);
      const second = await start('other');
      assert.notEqual(second.code, 0);
      assert.match(second.stderr, new RegExp(`${port} is held by app`));
      await skein.ok(['delete', 'other']);
      await skein.ok(['stop', 'app']);
      assert.deepEqual(await names(), ['app']);
      await skein.ok(['start', 'app']);
      assert.deepEqual(await names(), ['app', 'app:balancer']);
      const gets = asking(port, 'GET');
      await until('answers', () => gets.answered.size > 10);
      assert.deepEqual((await gets.end()).lost, []);
      const refused = await skein.run(['stop', 'app:balancer']);
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /skein stop app`/);
      await skein.ok(['delete', 'app']);
      assert.deepEqual(await names(), []);
    });
  },
);
