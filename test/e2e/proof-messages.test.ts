/** No message between workers is lost without a word, whatever happens to them meanwhile. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

interface Fate {
  readonly sender: number;
  /** By pid, how often. */
  readonly heard: Map<number, number>;
  end: { readonly is: 'done' | 'failed'; readonly word: string } | undefined;
}

/** What became of each message, by its id. */
const read = (path: string): Map<string, Fate> => {
  const fates = new Map<string, Fate>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [pid = '', what, id = '', word = ''] = line.split(' ');
    const fate = fates.get(id);
    if (what === 'sent') fates.set(id, { sender: Number(pid), heard: new Map(), end: undefined });
    else if (fate === undefined) continue;
    else if (what === 'heard') fate.heard.set(Number(pid), (fate.heard.get(Number(pid)) ?? 0) + 1);
    else if (what === 'done' || what === 'failed') fate.end = { is: what, word };
  }
  return fates;
};

const total = (heard: ReadonlyMap<number, number>): number =>
  [...heard.values()].reduce((sum, times) => sum + times, 0);

/** What is wrong about a message; undefined: nothing. */
const flaw = (id: string, { sender, heard, end }: Fate, killed: ReadonlySet<number>): string | undefined => {
  if (end === undefined) return killed.has(sender) ? undefined : 'nothing became of it';
  if (end.is === 'failed') return undefined;
  const times = total(heard);
  const wanted = id.startsWith('broadcast') ? Number(end.word) : 1;
  if (heard.size < wanted) return `said to be taken by ${wanted}, heard by ${heard.size}`;
  if ([...heard.values()].some((often) => often > 1)) return 'heard twice by one worker';
  // Whoever was killed may have heard it without being able to say so.
  const sure = [...heard.keys()].filter((pid) => !killed.has(pid)).length;
  return sure > wanted || times - sure > killed.size
    ? `heard ${times} times, by ${[...heard.keys()].join(' ')}`
    : undefined;
};

const kill = (pid: number, killed: Set<number>): void => {
  killed.add(pid);
  process.kill(pid, 'SIGKILL');
};

const killSupervisor = async (skein: Skein): Promise<void> => {
  const { pid } = (await skein.ping()).supervisor;
  process.kill(pid, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = await skein.ping().catch(() => null);
    return now !== null && now.supervisor.pid !== pid;
  });
};

test(
  'messages in all directions, during reloads, scaling and kills: each arrives or fails with an error',
  { timeout: 120_000 },
  () =>
    withSkein(async (skein) => {
      const log = join(skein.home.dir, '..', 'messages');
      const port = await freePort();
      await skein.ok(['start', fixture('sends-messages.mjs'), '-n', 'app', '-i', '4'], {
        env: { PORT: String(port), LOG: log },
      });
      const killed = new Set<number>();
      const flow = async (): Promise<void> => {
        const before = read(log).size;
        await until('messages flow', () => read(log).size > before + 200);
      };
      await flow();
      await skein.ok(['reload', 'app']);
      await skein.ok(['scale', 'app', '6']);
      await flow();
      const [victim] = await skein.pids('app');
      kill(victim ?? assert.fail(), killed);
      await skein.settled('app');
      await flow();
      await skein.ok(['scale', 'app', '3']);
      await killSupervisor(skein);
      await skein.ok(['reload', 'app', '--parallel', '2']);
      await flow();
      await until('no worker sends any more', async () => {
        await Promise.all(Array.from({ length: 8 }, () => get(port, '/stop')));
        const before = read(log).size;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return read(log).size === before;
      });
      const workers = new Set(await skein.pids('app'));
      const fates = await until('all is known of what they sent', () => {
        const now = read(log);
        const open = [...now.values()].some(({ sender, end }) => end === undefined && workers.has(sender));
        return open ? undefined : now;
      });
      const flaws = [...fates].flatMap(([id, fate]) => {
        const wrong = flaw(id, fate, killed);
        return wrong === undefined ? [] : [`${id}: ${wrong}`];
      });
      assert.deepEqual(flaws, []);
      const failed = [...fates.values()].filter(({ end }) => end?.is === 'failed');
      const codes = [...new Set(failed.map(({ end }) => end?.word))];
      process.stdout.write(`# ${fates.size} messages, ${failed.length} failed: ${codes.join(' ')}\n`);
      assert.ok(failed.length < fates.size / 20, 'few fail');
      for (const { end } of failed) assert.match(end?.word ?? '', /^E_MESSAGE_(LOST|MISSED|NO_WORKER)$/);
    }),
);
