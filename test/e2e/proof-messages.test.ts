/** No message between workers is lost without a word, whatever happens to them meanwhile. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
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

interface Stream {
  readonly log: string;
  /** Resolves when a few hundred messages more have been sent. */
  flow(): Promise<void>;
  /** Ends the sending, and says what became of everything. */
  end(killed?: ReadonlySet<number>): Promise<readonly Fate[]>;
}

const startStream = async (skein: Skein): Promise<Stream> => {
  const log = join(skein.home.dir, '..', 'messages');
  const port = await freePort();
  // The app says ready by process.send, and ends by a message.
  const words = ['--ready', 'message', '--stop-signal', 'message'];
  await skein.ok(['start', fixture('sends-messages.mjs'), '-n', 'app', '-i', '4', ...words], {
    env: { PORT: String(port), LOG: log },
  });
  return {
    log,
    async flow() {
      const before = read(log).size;
      await until('messages flow', () => read(log).size > before + 300);
    },
    async end(killed = new Set()) {
      await until('no worker sends any more', async () => {
        await Promise.all(Array.from({ length: 8 }, () => get(port, '/stop')));
        const before = read(log).size;
        await delay(100);
        return read(log).size === before;
      });
      const workers = new Set(await skein.pids('app'));
      const fates = await until('it is known what became of all they sent', () => {
        const now = read(log);
        const open = [...now.values()].some(({ sender, end }) => end === undefined && workers.has(sender));
        return open ? undefined : now;
      });
      const flaws = [...fates].flatMap(([id, fate]) => {
        const wrong = flaw(id, fate, killed);
        return wrong === undefined ? [] : [`${id}: ${wrong}`];
      });
      assert.deepEqual(flaws, []);
      return [...fates.values()];
    },
  };
};

/** By code, how many. */
const failures = (fates: readonly Fate[]): Map<string, number> => {
  const codes = new Map<string, number>();
  for (const { end } of fates) if (end?.is === 'failed') codes.set(end.word, (codes.get(end.word) ?? 0) + 1);
  process.stdout.write(`# of ${fates.length} messages failed: ${JSON.stringify([...codes])}\n`);
  return codes;
};

test(
  'messages in all directions, during reloads, scaling and kills: each arrives or fails with an error',
  { timeout: 120_000 },
  () =>
    withSkein(async (skein) => {
      const stream = await startStream(skein);
      const killed = new Set<number>();
      await stream.flow();
      await skein.ok(['reload', 'app']);
      await skein.ok(['scale', 'app', '6']);
      await stream.flow();
      const [victim] = await skein.pids('app');
      kill(victim ?? assert.fail(), killed);
      await skein.settled('app');
      await stream.flow();
      await skein.ok(['scale', 'app', '3']);
      await killSupervisor(skein);
      await skein.ok(['reload', 'app', '--parallel', '2']);
      await stream.flow();
      const fates = await stream.end(killed);
      let failed = 0;
      for (const [code, times] of failures(fates)) {
        assert.match(code, /^E_MESSAGE_(LOST|MISSED|NO_WORKER)$/);
        failed += times;
      }
      assert.ok(failed < fates.length / 20, 'few fail');
    }),
);

test(
  'SIGKILL of the state server under messages: clear errors, and they flow again by themselves',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const stream = await startStream(skein);
      await stream.flow();
      for (let round = 0; round < 2; round += 1) {
        const pid = await until('the state server', async () => (await skein.ping()).stateServer?.pid);
        process.kill(pid, 'SIGKILL');
        await skein.event('state-server-crashed', (event) => event.pid === pid);
        const arrived = (): number =>
          [...read(stream.log).values()].filter(({ end }) => end?.is === 'done').length;
        const before = arrived();
        await until('messages arrive again', () => arrived() > before + 300);
      }
      for (const code of failures(await stream.end()).keys())
        assert.match(code, /^E_STATE_(AWAY|IN_DOUBT)$|^E_MESSAGE_(MISSED|TIMEOUT)$/);
    }),
);
