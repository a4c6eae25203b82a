import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { homeFrom } from '../../../src/os/home.ts';
import type { HolderCommand, HolderEvent, WorkerTag } from '../../../src/protocol/holder.ts';
import { Events } from '../../../src/supervisor/events.ts';
import type { Welcome } from '../../../src/supervisor/holder-client.ts';
import { Logs } from '../../../src/supervisor/logs/logs.ts';
import type { AppRecord, State } from '../../../src/supervisor/store.ts';
import { NOTHING_SAVED, loadState } from '../../../src/supervisor/store.ts';
import { Supervisor } from '../../../src/supervisor/supervisor.ts';
import { appSpec } from '../support/app-spec.ts';
import { startedRecord } from './fake-surroundings.ts';

let dir: string;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  dir = mkdtempSync(join(tmpdir(), 'skein-sup-'));
});
afterEach(() => {
  mock.timers.reset();
  rmSync(dir, { recursive: true });
});

interface Made {
  readonly supervisor: Supervisor;
  readonly commands: HolderCommand[];
  readonly holder: { alive: boolean };
  tell(event: HolderEvent): void;
  /** Apps whose stores the state server was told to drop. */
  readonly dropped: string[];
  /** The last of them is. */
  endDrop(): void;
  saved(): State;
}

const noWelcome: Welcome = {
  event: 'welcome',
  protocol: 1,
  pid: 1,
  version: '0.0.0',
  startedAt: 77,
  home: '',
  foreground: false,
  children: [],
  listeners: [],
};

const made = (state: Partial<State> = {}, welcome: Partial<Welcome> = {}): Made => {
  const home = homeFrom(dir);
  const commands: HolderCommand[] = [];
  const dropped: string[] = [];
  let endDrop = (): void => {};
  const drop = (app: string): Promise<void> => {
    dropped.push(app);
    return new Promise((resolve) => (endDrop = resolve));
  };
  const holder = { pid: 1, alive: true, send: (command: HolderCommand) => void commands.push(command) };
  const supervisor = new Supervisor({
    home,
    version: '0.0.0',
    preload: '/preload.js',
    balancer: '/balancer.js',
    welcome: { ...noWelcome, ...welcome },
    holder,
    state: { ...NOTHING_SAVED, ...state },
    events: new Events(() => {}),
    logs: new Logs(dir, () => {}),
    stateServer: { view: () => null, drop, end: () => {} },
    listen: () => {},
  });
  const tell = (event: HolderEvent): void => supervisor.holderEvent(event, {});
  tell({ event: 'handed-over' });
  return {
    ...{ supervisor, commands, holder, tell, dropped },
    endDrop: () => endDrop(),
    saved: () => loadState(home.stateFile)!,
  };
};

const stopped = (name: string): AppRecord => ({ ...startedRecord({ name }), name, run: false });
const running = (name: string): AppRecord => ({ ...startedRecord({ name }), name });
const verbs = (commands: readonly HolderCommand[]): string[] => commands.map(({ verb }) => verb);
const tag = (app: string): WorkerTag => ({
  id: `${app}-0`,
  app,
  slot: 0,
  generation: 1,
  accept: 'shared',
  alone: false,
});

describe('commands', () => {
  test('regression: what one of several apps refuses is done to none', () => {
    const { supervisor } = made({ apps: [running('a'), stopped('b')] });
    assert.throws(() => supervisor.commands.operate({ verb: 'reload', targets: ['all'] }), {
      code: 'E_APP_STOPPED',
    });
    assert.equal(supervisor.list(['a'])[0]?.generation, 1);
    assert.notEqual(supervisor.list(['a'])[0]?.state, 'reloading');
  });

  test('a second change of the same app is refused while one is under way, a stop is not', () => {
    const { supervisor } = made({ apps: [running('a')] });
    supervisor.commands.operate({ verb: 'reload', targets: ['a'] });
    assert.throws(() => supervisor.commands.operate({ verb: 'scale', targets: ['a'], to: '3' }), {
      code: 'E_BUSY',
    });
    assert.equal(supervisor.commands.operate({ verb: 'stop', targets: ['a'] }).length, 1);
  });

  test('a start of what runs is refused; of what is stopped takes the new settings', () => {
    const { supervisor } = made({ apps: [running('a'), stopped('b')] });
    assert.throws(() => supervisor.commands.start(appSpec({ name: 'a' })), { code: 'E_APP_EXISTS' });
    supervisor.commands.start(appSpec({ name: 'b', instances: 7 }));
    assert.equal(supervisor.list(['b'])[0]?.instances, 7);
  });

  test('regression: nothing is begun once everything is to end', () => {
    const { supervisor } = made({ apps: [running('a')] });
    supervisor.shutdown();
    assert.throws(() => supervisor.commands.start(appSpec({ name: 'late' })), { code: 'E_BUSY' });
    assert.throws(() => supervisor.commands.operate({ verb: 'stop', targets: ['a'] }), { code: 'E_BUSY' });
  });

  test('regression: reloading all without a holder does not end the supervisor', () => {
    const { supervisor, holder } = made({ apps: [running('a')] });
    holder.alive = false;
    supervisor.commands.reloadAll();
    assert.throws(() => supervisor.commands.operate({ verb: 'reload', targets: ['a'] }), {
      code: 'E_HOLDER_GONE',
    });
  });
});

describe('taking over', () => {
  test('nothing is started before the workers have been heard or were given the time', () => {
    const { commands, supervisor } = made(
      { apps: [running('a')] },
      { children: [{ tag: tag('a'), pid: 2 ** 30, startedAt: 0, exit: null }] },
    );
    assert.deepEqual(verbs(commands), []);
    assert.equal(supervisor.list([])[0]?.workers.length, 1);
  });

  test('regression: workers and sockets of an app that nobody remembers are not kept', () => {
    const listener = { key: 'k', type: 'tcp', mode: 'shared', address: ':1', slots: [0] } as const;
    const { commands, tell } = made(
      {},
      {
        children: [{ tag: tag('ghost'), pid: 2 ** 30, startedAt: 0, exit: null }],
        listeners: [{ ...listener, app: 'ghost' }],
      },
    );
    assert.deepEqual(commands.slice(0, 2), [
      { verb: 'unbind', app: 'ghost', key: 'k' },
      { verb: 'signal', id: 'ghost-0', signal: 'SIGTERM', group: true },
    ]);
    tell({ event: 'exited', id: 'ghost-0', exit: { code: 0, signal: null } });
    assert.deepEqual(commands.at(-1), { verb: 'forget', id: 'ghost-0' });
  });

  test('regression: goes on ending everything when its predecessor was killed over it', async () => {
    const first = made({ apps: [running('a')] });
    first.supervisor.shutdown();
    const state = first.saved();
    const { commands } = made(state);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(verbs(commands).at(-1), 'exit');
    // Under another holder it is over: what is started then stays.
    assert.ok(!verbs(made(state, { startedAt: 78 }).commands).includes('exit'));
  });

  test('an operation that ended under its predecessor can still be asked for', () => {
    const { supervisor, saved } = made({ apps: [stopped('a')] });
    const [operation] = supervisor.commands.operate({ verb: 'delete', targets: ['a'] });
    assert.equal(made(saved()).supervisor.commands.operation(operation!.id)?.state, 'succeeded');
    assert.equal(supervisor.commands.operation('never'), undefined);
  });
});

describe('what an app shared', () => {
  test('goes with the app, and with nothing less', async () => {
    const { supervisor, dropped, endDrop, saved } = made({ apps: [stopped('a'), stopped('b')] });
    supervisor.commands.operate({ verb: 'stop', targets: ['a'] });
    assert.deepEqual(dropped, []);
    supervisor.commands.operate({ verb: 'delete', targets: ['a'] });
    assert.deepEqual([dropped, saved().undropped], [['a'], ['a']]);
    endDrop();
    await Promise.resolve();
    assert.deepEqual(saved().undropped, []);
  });

  test('goes under the next supervisor, if the one before was killed over it', () => {
    const before = made({ apps: [stopped('a'), stopped('b')] });
    before.supervisor.commands.operate({ verb: 'delete', targets: ['a', 'b'] });
    const { undropped } = before.saved();
    assert.deepEqual(undropped?.toSorted(), ['a', 'b']);
    const { dropped } = made({ apps: [stopped('b')], undropped: undropped ?? [] });
    assert.deepEqual(dropped, ['a'], 'what an app of the same name shares since is its own');
  });

  test('goes with everything when everything ends', () => {
    const { supervisor, dropped } = made({ apps: [stopped('a')] });
    supervisor.shutdown();
    assert.deepEqual(dropped, []);
  });
});

test('an address that is taken is told with who has it', () => {
  const { supervisor, tell, commands } = made();
  supervisor.commands.start(appSpec({ name: 'a', instances: 1 }));
  const spawn = commands.find((command) => command.verb === 'spawn');
  assert.ok(spawn);
  const failed = { event: 'bind-failed', id: spawn.tag.id, address: ':3000' } as const;
  tell({ ...failed, code: 'EACCES', heldBy: null });
  tell({ ...failed, code: 'EADDRINUSE', heldBy: 'b' });
  const told = supervisor.describe(['a'])[0]?.events.filter(({ kind }) => kind === 'address-in-use');
  assert.deepEqual(
    told?.map(({ text }) => text),
    [':3000 is held by the app b'],
  );
});
