/** 100 SIGKILLs of workers under load: no GET fails, no POST is sent twice. */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { until } from '../lib/until.ts';
import { ask } from './clients.ts';
import { finding, type Proof } from './proof.ts';

const KILLS = 100;
const WORKERS = 4;

export const kills: Proof = {
  name: 'kills',
  title: `${KILLS} SIGKILLs of workers under load`,
  stage: { workers: WORKERS, env: (directory) => ({ POSTS: join(directory, 'posts') }) },
  run: async (stage, progress) => {
    let running = true;
    const gets = { ok: 0, failed: new Map<string, number>() };
    const posts = { ok: 0, failed: 0 };
    const agent = new Agent({ keepAlive: true });
    const get = async (): Promise<void> => {
      while (running) {
        const path = Math.random() < 0.5 ? '/' : '/slow?ms=5';
        const outcome = await ask(stage.port, path, { agent }).then(
          ({ status }) => (status === 200 ? 'ok' : `status ${status}`),
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
        if (outcome === 'ok') gets.ok += 1;
        else gets.failed.set(outcome, (gets.failed.get(outcome) ?? 0) + 1);
      }
    };
    let id = 0;
    const post = async (): Promise<void> => {
      while (running) {
        const { status } = await ask(stage.port, `/once?id=${(id += 1)}`, { method: 'POST', agent }).catch(
          () => ({
            status: 0,
          }),
        );
        if (status === 200) posts.ok += 1;
        else posts.failed += 1;
      }
    };
    const load = [...Array.from({ length: 12 }, get), ...Array.from({ length: 4 }, post)];
    for (let n = 1; n <= KILLS; n += 1) {
      const pids = await until('a worker to kill', 20_000, async () => {
        const ready = await stage.workers();
        return ready.length === WORKERS ? ready : undefined;
      });
      const victim = pids[n % WORKERS];
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
      // Or the pauses between restarts would grow.
      if (n % 4 === 0) await stage.run('reset', 'app');
      if (n % 20 === 0) progress(`${n} killed, ${gets.ok} GETs answered`);
    }
    running = false;
    await Promise.all(load);
    agent.destroy();
    const lines = (await readFile(join(stage.directory, 'posts'), 'utf8')).split('\n').filter(Boolean);
    const doubled = lines.length - new Set(lines).size;
    const failed = [...gets.failed].map(([what, count]) => `${count} × ${what}`).join(', ');
    return [
      finding('no GET fails', gets.failed.size === 0, `${gets.ok} answered, ${failed || '0 failed'}`),
      finding(
        'no POST is sent twice',
        doubled === 0,
        `${posts.ok} answered, ${posts.failed} failed, ${doubled} arrived twice`,
      ),
    ];
  },
};
