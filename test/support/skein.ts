/**
 * An installation of Skein for one test: its own SKEIN_HOME, the CLI as a black box, and at the
 * end the proof that no process of it is left. What a test only watches is read from the control
 * API, since a CLI process for each look would load the machine that is being measured.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { homeFrom } from '../../src/os/home.ts';
import type { Home } from '../../src/os/home.ts';
import type { AppList, AppView, EventKind, Ping, SkeinEvent } from '../../src/protocol/control.ts';
import { runCommand } from './command.ts';
import type { CommandOptions, Finished, Running } from './command.ts';
import { processesWith } from './processes.ts';
import { until } from './wait.ts';

export interface Skein {
  readonly home: Home;
  /** Runs a command to its end, whatever its exit code. */
  run(args: readonly string[], options?: CommandOptions): Promise<Finished>;
  /** Runs a command that must succeed. */
  ok(args: readonly string[], options?: CommandOptions): Promise<Finished>;
  /** Begins a command. */
  begin(args: readonly string[], options?: CommandOptions): Running;
  list(): Promise<readonly AppView[]>;
  app(name: string): Promise<AppView>;
  /** Pids of the workers that are ready, by slot. */
  pids(name: string): Promise<readonly number[]>;
  ping(): Promise<Ping>;
  events(): Promise<readonly SkeinEvent[]>;
  /** The first event of this kind that has happened or will happen. */
  event(kind: EventKind, matches?: (event: SkeinEvent) => boolean, limitMs?: number): Promise<SkeinEvent>;
  /** Waits until every wanted worker of the app is ready and no other one is left. */
  settled(name: string, limitMs?: number): Promise<AppView>;
  log(): string;
}

/** Absolute path of a program in test/fixtures/apps. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/apps/${name}`, import.meta.url));

const get = (home: Home, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { socketPath: home.controlSocket, path, agent: false, timeout: 5_000 },
      (response) => {
        text(response).then(resolve, reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer to ${path}`)));
    asked.on('error', reject);
    asked.end();
  });

/**
 * The environment of the tests without what the test runner and npm put into it. What stays is
 * where Node writes process warnings: scripts/test.ts fails the run when any process has one.
 */
export const plainEnv = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(NODE_(?!REDIRECT_WARNINGS)|npm_|SKEIN_|FORCE_COLOR|INIT_CWD)/.test(name),
    ),
  );

const tail = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-60).join('\n');
  } catch {
    return '(none)';
  }
};

const describeError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const openSkein = (home: Home): Skein => {
  const optionsOf = (options: CommandOptions): CommandOptions => ({
    ...options,
    env: { ...plainEnv(), SKEIN_HOME: home.dir, ...options.env },
  });
  const skein: Skein = {
    home,
    begin: (args, options = {}) => runCommand(args, optionsOf(options)),
    run: (args, options = {}) => runCommand(args, optionsOf(options)).finished,
    async ok(args, options = {}) {
      const finished = await skein.run(args, options);
      assert.equal(finished.code, 0, `skein ${args.join(' ')}: ${JSON.stringify(finished, null, 2)}`);
      return finished;
    },
    list: async () => (JSON.parse(await get(home, '/v1/apps')) as AppList).apps,
    async app(name) {
      const app = (await skein.list()).find((one) => one.name === name);
      assert.ok(app, `no app ${name}`);
      return app;
    },
    async pids(name) {
      const { workers } = await skein.app(name);
      return workers.flatMap((worker) =>
        worker.state === 'ready' && worker.pid !== null ? [worker.pid] : [],
      );
    },
    ping: async () => JSON.parse(await get(home, '/v1/ping')) as Ping,
    async events() {
      const lines = (await get(home, '/v1/events')).split('\n');
      return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as SkeinEvent]));
    },
    event: (kind, matches = () => true, limitMs = 10_000) =>
      until(
        `event ${kind}`,
        async () => (await skein.events()).find((event) => event.kind === kind && matches(event)),
        limitMs,
      ),
    settled: (name, limitMs = 15_000) =>
      until(
        `${name} is settled`,
        async () => {
          const app = await skein.app(name);
          const ready = app.workers.filter((worker) => worker.state === 'ready').length;
          return app.state === 'running' && ready === app.instances && app.workers.length === ready && app;
        },
        limitMs,
      ),
    log: () => tail(home.supervisorLog),
  };
  return skein;
};

const endAll = async (skein: Skein): Promise<void> => {
  const killed = await skein.run(['kill'], { limitMs: 30_000 });
  let left = processesWith(skein.home.dir);
  const deadline = Date.now() + 2_000;
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = processesWith(skein.home.dir);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  assert.deepEqual(left, [], `processes are left after \`skein kill\` (${JSON.stringify(killed)})`);
};

/** What is worth reading when a test fails. */
const diagnose = async (skein: Skein): Promise<string> => {
  const list = await skein.list().then((apps) => JSON.stringify(apps, null, 1), describeError);
  const events = await skein
    .run(['events'])
    .then((done) => done.stdout.split('\n').slice(-60).join('\n'), describeError);
  return [
    `--- list\n${list}`,
    `--- events\n${events}`,
    `--- supervisor log\n${skein.log()}`,
    `--- holder log\n${tail(skein.home.holderLog)}`,
  ].join('\n');
};

/** Gives `use` an installation of its own and ends it, also when `use` fails. */
export const withSkein = async <T>(use: (skein: Skein) => Promise<T>, quiet = false): Promise<T> => {
  // A short path: a unix socket's may have 107 bytes.
  const dir = mkdtempSync(join(tmpdir(), 'sk-'));
  // Not there yet: making it is Skein's work.
  const skein = openSkein(homeFrom(join(dir, 'home')));
  let result: T;
  try {
    result = await use(skein);
  } catch (error) {
    if (!quiet) process.stderr.write(`${describeError(error)}\n${await diagnose(skein)}\n`);
    // What `use` found counts more than what ending finds.
    await endAll(skein).catch((second: unknown) => process.stderr.write(`${describeError(second)}\n`));
    throw error;
  }
  await endAll(skein);
  rmSync(dir, { recursive: true, force: true });
  return result;
};
