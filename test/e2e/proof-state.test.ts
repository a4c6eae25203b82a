/** What the workers of an app share outlives every one of them, and every supervisor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withExampleOnSkein } from '../support/example.ts';
import { get, getJson } from '../support/http.ts';
import { startLoad } from '../support/load/load.ts';
import { lost } from '../support/load/profile.ts';
import { freePort } from '../support/ports.ts';
import { processesWith } from '../support/processes.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const TOTAL = 100_000;

interface Entry {
  readonly value: string | number;
  readonly version: number;
  readonly expiresAt: number | null;
}

/** Kills the supervisor and waits for the next one. */
const killSupervisor = async (skein: Skein): Promise<void> => {
  const { pid } = (await skein.ping()).supervisor;
  process.kill(pid, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = await skein.ping().catch(() => null);
    return now !== null && now.supervisor.pid !== pid;
  });
};

const startSharing = async (skein: Skein, instances: number): Promise<number> => {
  const port = await freePort();
  const args = ['start', fixture('shares-state.mjs'), '-n', 'app', '-i', String(instances)];
  await skein.ok(args, { env: { PORT: String(port) } });
  return port;
};

const entryOf = (port: number, key: string): Promise<Entry | null> => getJson(port, `/entry?key=${key}`);

const stateServer = async (skein: Skein): Promise<number> =>
  until('the state server runs', async () => (await skein.ping()).stateServer?.pid);

/** Increments in requests of 20 each, and holds back the last tenth until `disturbed` is over. */
const addAll = async (
  port: number,
  disturbed: () => boolean,
): Promise<{ readonly added: number; readonly workers: number }> => {
  const PER_REQUEST = 20;
  const workers = new Set<unknown>();
  let left = TOTAL;
  let added = 0;
  const client = async (): Promise<void> => {
    while (left > 0) {
      if (disturbed()) await delay(left > TOTAL / 10 ? 15 : 100);
      if (left <= TOTAL / 10 && disturbed()) continue;
      left -= PER_REQUEST;
      const { status, headers, body } = await get(port, `/add?n=${PER_REQUEST}`);
      assert.equal(status, 200, body);
      workers.add(headers['x-worker']);
      added += (JSON.parse(body) as { added: number }).added;
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  return { added, workers: workers.size };
};

test(
  `${TOTAL} increments from 8 workers, during reloads and kills of the supervisor, are as many`,
  { timeout: 120_000 },
  () =>
    withSkein(async (skein) => {
      const port = await startSharing(skein, 8);
      let disturbed = true;
      const disturb = async (): Promise<void> => {
        try {
          const reload = skein.begin(['reload', 'app', '--parallel', '2']);
          await until('a worker is replaced', async () =>
            (await skein.app('app')).workers.some(({ generation }) => generation === 2),
          );
          await killSupervisor(skein);
          await reload.finished;
          await skein.settled('app', 30_000);
          await killSupervisor(skein);
          await skein.ok(['reload', 'app', '--parallel', '4'], { limitMs: 40_000 });
        } finally {
          disturbed = false;
        }
      };
      const [{ added, workers }] = await Promise.all([addAll(port, () => disturbed), disturb()]);
      assert.equal(added, TOTAL);
      assert.ok(workers >= 16, `${workers} workers took part`);
      assert.equal((await entryOf(port, 'count'))?.value, TOTAL);
    }),
);

test(
  'workers that are killed leave in doubt what they had in flight, and nothing else',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const port = await startSharing(skein, 4);
      let added = 0;
      let inDoubt = 0;
      let ends = false;
      const client = async (): Promise<void> => {
        while (!ends) {
          const answer = await get(port, '/add?n=20').catch(() => null);
          if (answer?.status === 200) added += 20;
          else inDoubt += 20;
        }
      };
      const clients = Promise.all(Array.from({ length: 8 }, client));
      for (let n = 0; n < 4; n += 1) {
        const before = added;
        await until('increments go on', () => added > before + 1_000);
        const [victim] = await skein.pids('app');
        process.kill(victim!, 'SIGKILL');
        await skein.event('worker-crashed', ({ pid }) => pid === victim);
      }
      ends = true;
      await clients;
      const { value } = (await entryOf(port, 'count'))!;
      assert.ok(inDoubt > 0, 'nothing was in flight');
      assert.ok(Number(value) >= added && Number(value) <= added + inDoubt, `${added}, ${value}, ${inDoubt}`);
    }),
);

test('a session outlives a scale to 1, a stop and a killed supervisor', { timeout: 60_000 }, () =>
  withExampleOnSkein('state/express.ts', 2, ['express', 'express-session'], async ({ url }, skein) => {
    let cookie = '';
    const views = async (): Promise<number> => {
      const response = await fetch(url, { headers: { cookie } });
      cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
      return ((await response.json()) as { yours: number }).yours;
    };
    assert.equal(await views(), 1);
    await skein.ok(['scale', 'example', '1']);
    await skein.ok(['scale', 'example', '3']);
    assert.equal(await views(), 2);
    await skein.ok(['stop', 'example']);
    await killSupervisor(skein);
    await skein.ok(['start', 'example']);
    assert.equal(await views(), 3);
  }),
);

test(
  'an entry and its time to live outlive a rollout, a scale to 1, a stop, supervisors and an upgrade, and go with the app',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const port = await startSharing(skein, 3);
      await getJson(port, '/put?key=plain&value=a');
      await getJson(port, '/put?key=mortal&value=b&ttl=600000');
      const before = [await entryOf(port, 'plain'), await entryOf(port, 'mortal')];
      assert.ok((before[1]?.expiresAt ?? 0) > Date.now());
      const pid = await stateServer(skein);
      const isTheSame = async (what: string): Promise<void> => {
        assert.deepEqual([await entryOf(port, 'plain'), await entryOf(port, 'mortal')], before, what);
      };
      for (const command of ['reload app', 'scale app 1', 'scale app 3', 'restart app', 'upgrade']) {
        await skein.ok(command.split(' '));
        await isTheSame(command);
      }
      await skein.ok(['stop', 'app']);
      await killSupervisor(skein);
      await skein.ok(['start', 'app']);
      await isTheSame('stop, a killed supervisor, start');
      assert.equal(await stateServer(skein), pid);

      await skein.ok(['delete', 'app']);
      const again = await startSharing(skein, 1);
      assert.equal(await entryOf(again, 'plain'), null);
      assert.equal(await stateServer(skein), pid, 'other apps may have something in it');
    }),
);

test(
  'SIGKILL of the state server: clear errors, soon well again, and no request of another app is lost',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const port = await startSharing(skein, 4);
      const other = await freePort();
      await skein.ok(['start', fixture('http.js'), '-n', 'other', '-i', '2'], {
        env: { PORT: String(other) },
      });
      const load = await startLoad({ port: other, rate: 200 });
      const { version } = (await getJson<number>(port, '/put?key=x&value=1'), (await entryOf(port, 'x'))!);
      const failures = new Set<string>();
      let ends = false;
      const client = async (): Promise<void> => {
        while (!ends) {
          const { status, body } = await get(port, '/add?n=50');
          if (status !== 200) failures.add((JSON.parse(body) as { code: string }).code);
        }
      };
      const clients = Promise.all(Array.from({ length: 8 }, client));
      const recoveries: number[] = [];
      try {
        await load.answered(100);
        for (let n = 0; n < 2; n += 1) {
          const killed = await stateServer(skein);
          const begun = performance.now();
          process.kill(killed, 'SIGKILL');
          await until('a write succeeds', async () => (await get(port, '/put?key=y&value=1')).status === 200);
          recoveries.push(performance.now() - begun);
          await skein.event('state-server-crashed', (event) => event.pid === killed);
        }
        await load.answered(100);
      } finally {
        ends = true;
        await clients;
        const tally = await load.stop();
        assert.equal(lost(tally), 0, JSON.stringify(tally));
      }
      assert.ok(Math.max(...recoveries) < 3_000, `well again after ${recoveries.join(' and ')} ms`);
      for (const code of failures) assert.match(code, /^E_STATE_(AWAY|IN_DOUBT)$/);
      assert.equal(await entryOf(port, 'x'), null);
      await getJson(port, '/put?key=x&value=2');
      assert.ok((await entryOf(port, 'x'))!.version > version, 'what was locked before stays fenced off');
    }),
);

test('kills at any moment end with one state server that everybody reaches', { timeout: 90_000 }, () =>
  withSkein(async (skein) => {
    const port = await startSharing(skein, 2);
    const { holder } = await skein.ping();
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
    for (let n = 0; n < 8; n += 1) {
      const { supervisor, stateServer: server } = await until('a supervisor', () =>
        skein.ping().catch(() => null),
      );
      const victims = [supervisor.pid, ...(server ? [server.pid] : [])];
      if (n % 2 === 1) victims.reverse();
      for (const pid of victims) {
        process.kill(pid, 'SIGKILL');
        await delay(random(150));
      }
      await get(port, '/add?n=1');
    }
    const pid = await stateServer(skein);
    await until('a write succeeds', async () => (await get(port, '/put?key=a&value=1')).status === 200);
    assert.equal(await stateServer(skein), pid);
    const running = processesWith(skein.home.stateSocket).filter(({ command }) =>
      /skein state/.test(command),
    );
    assert.deepEqual(
      running.map((one) => one.pid),
      [pid],
    );
    assert.equal((await skein.ping()).holder?.pid, holder?.pid);
  }),
);

test('nothing of it outlives Skein, whoever was killed', { timeout: 90_000 }, () =>
  withSkein(async (skein) => {
    const running = (): readonly number[] =>
      processesWith(skein.home.stateSocket)
        .filter(({ command }) => /skein state/.test(command))
        .map(({ pid }) => pid);
    const nobody = (): boolean => running().length === 0;
    const port = await startSharing(skein, 1);
    const put = async (): Promise<number> => {
      await until('a write succeeds', async () => {
        const answer = await get(port, '/put?key=a&value=1').catch(() => null);
        return answer?.status === 200;
      });
      return stateServer(skein);
    };

    const pid = await put();
    process.kill((await skein.ping()).holder!.pid, 'SIGKILL');
    await until('that is known', async () => (await skein.ping()).holder === null);
    assert.equal(await put(), pid, 'it goes on without a holder');
    await skein.ok(['kill']);
    await until('it has ended', nobody);

    for (const next of ['kill', 'resurrect']) {
      await skein.ok(['resurrect']);
      await skein.settled('app');
      const old = await put();
      const { holder, supervisor } = await skein.ping();
      for (const one of [holder!, supervisor]) process.kill(one.pid, 'SIGKILL');
      assert.deepEqual(running(), [old]);
      await skein.ok([next]);
      if (next === 'kill') await until('it has ended', nobody);
      else {
        const another = await until('another one', async () => {
          const now = await put();
          return now !== old && now;
        });
        await until('only that one is left', () => running().every((one) => one === another));
        assert.deepEqual(running(), [another]);
      }
    }
  }),
);
