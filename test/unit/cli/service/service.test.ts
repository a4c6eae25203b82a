import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createNotifier } from '../../../../src/cli/service/notify.ts';
import { statusOf } from '../../../../src/cli/service/status.ts';
import { tryAgain } from '../../../../src/cli/service/try-again.ts';
import type { AppState, AppView, Operation } from '../../../../src/protocol/control.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-service-'));
after(() => rmSync(dir, { recursive: true }));

const app = (name: string, state: AppState, restarts = 0): AppView =>
  ({ name, state, workers: [{ state: 'starting', restarts }] }) as unknown as AppView;

test('settled when nothing is on its way up any more', () => {
  assert.deepEqual(statusOf([]), { settled: true, text: 'no apps' });
  assert.deepEqual(statusOf([app('a', 'running'), app('b', 'starting')]), {
    settled: false,
    text: '1 of 2 apps up',
  });
  assert.deepEqual(statusOf([app('a', 'reloading'), app('b', 'stopped')]), {
    settled: true,
    text: '1 of 1 apps up',
  });
  // It crashed and is started again and again: nobody knows how long that takes.
  assert.deepEqual(statusOf([app('a', 'running'), app('b', 'failed'), app('c', 'degraded', 1)]), {
    settled: true,
    text: '1 of 3 apps up; not up: b, c',
  });
});

test('nobody listens: nothing is told', async () => {
  const notifier = createNotifier({ WATCHDOG_USEC: '1000000' }, assert.fail);
  assert.equal(notifier.active, false);
  assert.equal(notifier.watchdogMs, null);
  await notifier.tell('READY=1');
});

test('messages go out in order, with nothing but the socket in the environment', async () => {
  const written = join(dir, 'written');
  const program = join(dir, 'systemd-notify');
  // The first message takes longest.
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = a ] && sleep 0.2\necho "$@ $NOTIFY_SOCKET $SECRET" >> ${written}\n`,
  );
  chmodSync(program, 0o755);
  const env = {
    NOTIFY_SOCKET: '@x',
    PATH: dir,
    SECRET: 's',
    WATCHDOG_USEC: '500000',
    WATCHDOG_PID: String(process.pid),
  };
  const notifier = createNotifier(env, assert.fail);
  assert.equal(notifier.watchdogMs, 500);
  assert.equal(
    createNotifier({ ...env, WATCHDOG_PID: '1' }, assert.fail).watchdogMs,
    process.ppid === 1 ? 500 : null,
  );
  void notifier.tell('a', 'b');
  await notifier.tell('c');
  assert.equal(readFileSync(written, 'utf8'), 'a b @x \nc @x \n');
});

test('a systemd-notify that fails is said once, and nothing else fails with it', async () => {
  const program = join(dir, 'systemd-notify');
  writeFileSync(program, '#!/bin/sh\nexit 1\n');
  chmodSync(program, 0o755);
  const said: string[] = [];
  const notifier = createNotifier({ NOTIFY_SOCKET: '@x', PATH: dir }, (text) => said.push(text));
  await notifier.tell('READY=1');
  await notifier.tell('WATCHDOG=1');
  assert.equal(said.length, 1);
});

interface FakeClient {
  readonly states: AppState[];
  readonly verbs: string[];
}

const fakeClient = ({ states, verbs }: FakeClient, outcomes: ('succeeded' | 'failed')[]) => ({
  apps: () => Promise.resolve({ version: 1, apps: [app('a', states.shift() ?? 'failed')] }),
  operate: (request: { verb: string }) => {
    verbs.push(request.verb);
    return Promise.resolve({ operations: [{} as Operation] });
  },
  follow: () => Promise.resolve({ state: outcomes.shift() ?? 'failed' } as Operation),
});

test('an app that failed at boot is started until it is up', async () => {
  const fake: FakeClient = { states: [], verbs: [] };
  const { signal } = new AbortController();
  await tryAgain({ client: fakeClient(fake, ['failed', 'succeeded']), app: 'a', signal, firstMs: 1 });
  assert.deepEqual(fake.verbs, ['start', 'start']);
});

test('it is left alone when somebody has done something else with it', async () => {
  const fake: FakeClient = { states: ['failed', 'stopped'], verbs: [] };
  const { signal } = new AbortController();
  await tryAgain({ client: fakeClient(fake, ['failed']), app: 'a', signal, firstMs: 1 });
  assert.deepEqual(fake.verbs, ['start']);
});

test('it ends with the service', async () => {
  const over = new AbortController();
  const fake: FakeClient = { states: [], verbs: [] };
  const trying = tryAgain({ client: fakeClient(fake, []), app: 'a', signal: over.signal, firstMs: 60_000 });
  over.abort();
  await trying;
  assert.deepEqual(fake.verbs, []);
});
