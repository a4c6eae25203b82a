/**
 * A breaker that four workers share, under load, with a real service behind it that dies: one worker that
 * sees it opens the breaker for all within 100 ms, and one call in all workers tests it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/ports.ts';
import { fixture, type Skein, withSkein } from '../support/skein.ts';
import { startRedis } from '../support/state-servers.ts';
import { until } from '../support/wait.ts';

const WORKERS = 4;
const ROUNDS = 4;
/** What the page promises of a worker that dies while it tests, and what asking again may add. */
const DEAD_PROBE_MS = 3_000 + 100;

interface ServiceCall {
  readonly slot: number;
  readonly pid: number;
  readonly at: number;
}

/** The service that the workers call. */
interface Service {
  readonly url: string;
  /** Works for all, is dead for one slot or for all, or dead but for tests, which it answers when told to. */
  become(how: 'alive' | 'dead' | 'waits' | { readonly deadFor: number }): void;
  /** Answers the tests that wait. */
  answer(): void;
  waiting(): number;
  /** Calls that were tests since this was asked the last time: the worker was half-open. */
  tests(): readonly ServiceCall[];
  /** All calls ever. */
  calls(): number;
}

const withService = async (use: (service: Service) => Promise<void>): Promise<void> => {
  let how: Parameters<Service['become']>[0] = 'alive';
  let calls = 0;
  const tests: ServiceCall[] = [];
  let waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const slot = Number(request.headers['slot']);
    const isTest = request.headers['state'] === 'half-open';
    calls += 1;
    if (isTest) tests.push({ slot, pid: Number(request.headers['pid']), at: performance.now() });
    if (how === 'waits' && isTest) waiting.push(response);
    else if (how === 'dead' || how === 'waits' || (typeof how === 'object' && how.deadFor === slot))
      request.socket.destroy();
    else response.end('well');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      become: (next) => (how = next),
      answer: () => {
        for (const response of waiting) response.end('well');
        waiting = [];
      },
      waiting: () => waiting.length,
      tests: () => tests.splice(0),
      calls: () => calls,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

interface Load {
  /** Requests with this status, or any, from now on. */
  answered(count: number, status?: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * So many lanes, a request every 20 ms in each, on a new connection so that all workers get some. Not as fast
 * as can be: on a machine without an idle moment one measures how long processes wait for their turn.
 */
const startLoad = (port: number, lanesAtOnce: number): Load => {
  const agent = new Agent({ keepAlive: false });
  const seen = new Map<number, number>();
  let going = true;
  const one = (): Promise<number> =>
    new Promise((resolve) => {
      get({ host: '127.0.0.1', port, agent }, (response) => {
        response.resume();
        response.on('close', () => resolve(response.statusCode ?? 0));
        // Of a worker that is killed.
      }).on('error', () => resolve(0));
    });
  const lane = async (): Promise<void> => {
    while (going) {
      const [status] = await Promise.all([one(), delay(20)]);
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  };
  const lanes = Array.from({ length: lanesAtOnce }, lane);
  const count = (status: number | undefined): number =>
    status === undefined ? [...seen.values()].reduce((sum, each) => sum + each, 0) : (seen.get(status) ?? 0);
  return {
    async answered(more, status) {
      const from = count(status);
      await until(`${more} requests with ${status}`, () => count(status) >= from + more, 20_000);
    },
    async stop() {
      going = false;
      await Promise.all(lanes);
    },
  };
};

interface Change {
  readonly at: number;
  readonly pid: number;
  readonly from: string;
  readonly to: string;
  readonly by: 'this' | 'link';
}

interface Scene {
  readonly skein: Skein;
  readonly service: Service;
  readonly load: Load;
  /** All changes of the breaker in any worker so far. */
  changes(): readonly Change[];
  /** Waits until the breaker of every worker that is ready is in this state. */
  all(state: string): Promise<void>;
}

const lastStates = (changes: readonly Change[]): ReadonlyMap<number, string> =>
  new Map(changes.map(({ pid, to }) => [pid, to]));

const scene = (
  state: Readonly<Record<string, string>>,
  use: (scene: Scene) => Promise<void>,
): Promise<void> =>
  withSkein((skein) =>
    withService(async (service) => {
      // Beside the home: gone with it, after the last worker.
      const file = join(dirname(skein.home.dir), 'changes');
      const port = await freePort();
      const env = { PORT: String(port), SERVICE_URL: service.url, CHANGES: file, ...state };
      await skein.ok(['start', fixture('calls-a-service.js'), '--name', 'app', '--instances', `${WORKERS}`], {
        env,
      });
      const changes = (): readonly Change[] => {
        try {
          return readFileSync(file, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Change);
        } catch {
          return [];
        }
      };
      const load = startLoad(port, 12);
      try {
        await load.answered(200, 200);
        await use({
          skein,
          service,
          load,
          changes,
          all: async (wanted) => {
            await until(
              `all are ${wanted}`,
              async () => {
                const pids = await skein.pids('app');
                const last = lastStates(changes());
                return pids.length === WORKERS && pids.every((pid) => (last.get(pid) ?? 'closed') === wanted);
              },
              20_000,
            );
          },
        });
      } finally {
        service.become('alive');
        service.answer();
        await load.stop();
      }
    }),
  );

/** Milliseconds from the first worker's opening to the last's. */
const spread = (opened: readonly Change[]): number =>
  Math.max(...opened.map(({ at }) => at)) - Math.min(...opened.map(({ at }) => at));

/** One worker sees the service die, in each round another one; then it is back. */
const dies = async (
  t: TestContext,
  { service, load, changes, all }: Scene,
  rounds = ROUNDS,
): Promise<void> => {
  const spreads: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = changes().length;
    service.become({ deadFor: round % WORKERS });
    const opened = await until('all are open', () => {
      const open = changes()
        .slice(before)
        .filter(({ from, to }) => from === 'closed' && to === 'open');
      return open.length === WORKERS && open;
    });
    service.become('waits');
    spreads.push(spread(opened));
    assert.deepEqual(
      opened.map(({ by }) => by).toSorted(),
      ['link', 'link', 'link', 'this'],
      'one saw it, the others heard of it',
    );

    // The test, for as long as hundreds of requests take that all workers refuse meanwhile.
    await until('it is tested', () => service.waiting() > 0);
    const calls = service.calls();
    await load.answered(200, 503);
    assert.equal(service.calls(), calls, 'no other call in any worker');
    assert.equal(service.tests().length, 1);
    service.become('alive');
    service.answer();
    await all('closed');
    const tests = changes()
      .slice(before)
      .filter(({ to }) => to === 'half-open');
    assert.equal(tests.length, 1, 'one worker was half-open');
    await load.answered(100, 200);
  }
  const shown = spreads.map((ms) => ms.toFixed(1)).join(', ');
  t.diagnostic(`from the first to the last of ${WORKERS} open: ${shown} ms`);
  assert.ok(Math.max(...spreads) <= 100, `slower than 100 ms: ${shown}`);
};

/** It stays dead: each test is one call. */
const staysDead = async (t: TestContext, { service, load, changes, all }: Scene): Promise<void> => {
  const before = changes().length;
  const halfOpen = (): number =>
    changes()
      .slice(before)
      .filter(({ to }) => to === 'half-open').length;
  service.become('dead');
  await all('open');
  await load.answered(20, 503);
  const calls = service.calls();
  const early = halfOpen();
  await until('it was tested five times', () => halfOpen() >= early + 5, 20_000);
  const late = service.calls();
  service.become('alive');
  await all('closed');
  const tests = service.tests().length;
  assert.ok(late - calls - 5 <= 1, `5 tests made ${late - calls} calls`);
  assert.equal(tests, halfOpen(), 'each change to half-open is one call');
  await load.answered(100, 200);
  t.diagnostic(`${tests} tests of a service that stayed dead and came back were ${tests} calls`);
};

/** The worker that tests is killed: another one tests, and not much later than the page says. */
const killed = async (t: TestContext, { skein, service, load, all }: Scene): Promise<void> => {
  service.become('waits');
  await until('it is tested', () => service.waiting() > 0);
  const [first] = service.tests();
  assert.ok(first);
  process.kill(first.pid, 'SIGKILL');
  const at = performance.now();
  await until('another tests', () => service.waiting() > 1);
  const [second] = service.tests();
  assert.ok(second);
  assert.notEqual(second.pid, first.pid);
  const took = second.at - at;
  t.diagnostic(`tested again ${took.toFixed(0)} ms after the worker that tested was killed`);
  assert.ok(took < DEAD_PROBE_MS + 250, `${took} ms`);
  await load.answered(100, 503);
  assert.equal(service.tests().length, 0);
  service.become('alive');
  service.answer();
  await skein.settled('app');
  await all('closed');
  await load.answered(100, 200);
};

/** With what keeps the state killed, workers go on alone; then they are one again. */
const stateIsKilled = async (t: TestContext, on: Scene): Promise<void> => {
  const { skein, service, load, all } = on;
  service.become('dead');
  await all('open');
  const pid = async (): Promise<number | undefined> => (await skein.ping()).stateServer?.pid;
  const killed = await pid();
  assert.ok(killed);
  process.kill(killed, 'SIGKILL');
  await load.answered(200, 503);
  await until('there is another', async () => {
    const now = await pid();
    return now !== undefined && now !== killed;
  });
  service.become('alive');
  await all('closed');
  await load.answered(100, 200);
  service.tests();
  await dies(t, on, 1);
};

const everything = async (t: TestContext, on: Scene): Promise<void> => {
  await dies(t, on);
  await staysDead(t, on);
  await killed(t, on);
};

test('over the state server', { timeout: 60_000 }, (t) =>
  scene({}, async (on) => {
    await everything(t, on);
    await stateIsKilled(t, on);
  }),
);

test('over Redis', { timeout: 60_000 }, async (t) => {
  const redis = await startRedis();
  try {
    await scene({ SKEIN_STATE: `redis://127.0.0.1:${redis.port}` }, (on) => everything(t, on));
  } finally {
    await redis.close();
  }
});
