import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import type { FileWatchListener } from '../../../src/supervisor/file-watch.ts';
import type { AppRecord } from '../../../src/supervisor/store.ts';
import { Upkeep } from '../../../src/supervisor/upkeep.ts';
import type { UpkeptApp } from '../../../src/supervisor/upkeep.ts';
import { opening, startedRecord } from './fake-surroundings.ts';

const MINUTE = 60_000;
const START = 1_000 * MINUTE;

const watch = { paths: ['/srv/api'], ignore: [], delayMs: 200 };
const cron = { expression: 'every ten minutes', timeZone: null };

interface FakeWatch {
  readonly listener: FileWatchListener;
  closed: boolean;
}

let app: { -readonly [key in keyof UpkeptApp]: UpkeptApp[key] };
let reloads: number[];
let events: string[];
let watches: FakeWatch[];
let upkeep: Upkeep;
let refuse: Error | null;

/** Every promise and microtask that waits. */
const soon = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

const tick = async (ms: number): Promise<void> => {
  mock.timers.tick(ms);
  await soon();
};

const set = async (changes: Partial<AppRecord>): Promise<void> => {
  app.record = { ...app.record, ...changes };
  upkeep.follow();
  await soon();
};

const adjust = (spec: Partial<AppSpec>): Promise<void> =>
  set({ current: { ...app.record.current, spec: { ...app.record.current.spec, ...spec } } });

/** An operation begins, or ends. */
const busy = (is: boolean): Promise<void> =>
  set({
    underWay: is
      ? {
          ...opening('reload'),
          change: { kind: 'start' },
          undo: null,
          before: app.record.totals,
          refusedBefore: 0,
          fullAt: null,
        }
      : null,
  });

const begin = async (spec: Partial<AppSpec>, record: Partial<AppRecord> = {}): Promise<void> => {
  app = { name: 'api', record: { ...startedRecord(spec), ...record }, workers: new Map() };
  upkeep = new Upkeep({
    apps: () => [app],
    reload() {
      if (refuse !== null) throw refuse;
      reloads.push(Date.now() - START);
    },
    home: '/home/skein',
    now: () => Date.now(),
    emit: ({ text }) => void events.push(text),
    changed: () => {},
    watch: (_, listener) => {
      const one: FakeWatch = { listener, closed: false };
      watches.push(one);
      return { close: () => void (one.closed = true) };
    },
    times: () => Promise.resolve((at) => (Math.floor(at / (10 * MINUTE)) + 1) * 10 * MINUTE),
  });
  upkeep.begin();
  await soon();
};

const changeFile = (path = '/srv/api/server.js'): void => watches.at(-1)!.listener.changed(path, Date.now());

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
  reloads = [];
  events = [];
  watches = [];
  refuse = null;
});
afterEach(() => mock.timers.reset());

test('an app with neither is left alone', async () => {
  await begin({});
  await tick(60 * MINUTE);
  assert.deepEqual([reloads, events, watches], [[], [], []]);
});

describe('watch', () => {
  test('reloads once it has been quiet', async () => {
    await begin({ watch });
    changeFile();
    await tick(150);
    changeFile('/srv/api/other.js');
    await tick(150);
    assert.deepEqual(reloads, []);
    await tick(50);
    assert.deepEqual(reloads, [350]);
    assert.deepEqual(events, ['other.js has changed: it is reloaded']);
    await tick(MINUTE);
    assert.equal(reloads.length, 1);
  });

  test('a change during an operation leads to one more afterwards', async () => {
    await begin({ watch });
    await busy(true);
    changeFile();
    changeFile('/srv/api/b.js');
    await tick(MINUTE);
    assert.deepEqual(reloads, []);
    await busy(false);
    assert.deepEqual(reloads, [MINUTE]);
  });

  test('begins and ends with the run state and the settings', async () => {
    await begin({ watch }, { run: false });
    assert.equal(watches.length, 0);
    await set({ run: true });
    assert.equal(watches.length, 1);
    await adjust({ watch: { ...watch, delayMs: 100 } });
    assert.deepEqual(
      watches.map(({ closed }) => closed),
      [true, false],
    );
    await adjust({ instances: 7 });
    assert.equal(watches.length, 2, 'other settings are no reason to begin anew');
    changeFile();
    await set({ run: false });
    await tick(MINUTE);
    assert.deepEqual([watches[1]!.closed, reloads], [true, []]);
    await adjust({ watch: null });
    await set({ run: true });
    assert.equal(watches.length, 2);
  });

  test('what cannot be watched is told, and so is a reload that is refused', async () => {
    await begin({ watch });
    watches[0]!.listener.failed('/srv/api/no', 'it is not there');
    assert.match(events.at(-1)!, /^api: \/srv\/api\/no cannot be watched: it is not there/);
    refuse = new Error('the holder is gone');
    changeFile();
    await tick(200);
    assert.equal(events.at(-1), 'not reloaded: the holder is gone');
  });
});

describe('cron', () => {
  test('reloads at each of its times', async () => {
    await begin({ cron });
    await tick(10 * MINUTE);
    await tick(10 * MINUTE);
    assert.deepEqual(reloads, [10 * MINUTE, 20 * MINUTE]);
  });

  test('an app that is busy then is reloaded when it is free, once', async () => {
    await begin({ cron });
    await busy(true);
    await tick(10 * MINUTE);
    await tick(4 * MINUTE);
    assert.deepEqual(reloads, []);
    await busy(false);
    assert.deepEqual(reloads, [14 * MINUTE]);
    await tick(6 * MINUTE);
    assert.deepEqual(reloads, [14 * MINUTE, 20 * MINUTE]);
  });

  test('a stopped app is left alone, and nothing is made up for when it starts again', async () => {
    await begin({ cron });
    await set({ run: false });
    await tick(11 * MINUTE);
    assert.equal(app.record.cronSeen, null);
    await set({ run: true });
    assert.deepEqual(reloads, []);
    await tick(9 * MINUTE);
    assert.deepEqual(reloads, [20 * MINUTE]);
  });

  test('a time that fell between two supervisors is made up for once', async () => {
    await begin({ cron }, { cronSeen: START - 10 * MINUTE - 1 });
    assert.deepEqual(reloads, [0]);
    await begin({ cron }, { cronSeen: app.record.cronSeen! });
    assert.deepEqual(reloads, [0]);
  });

  test('a new expression makes up for nothing', async () => {
    await begin({ cron }, { cronSeen: START });
    await tick(MINUTE);
    await adjust({ cron: { ...cron, expression: 'other' } });
    assert.equal(app.record.cronSeen, START + MINUTE);
    await tick(9 * MINUTE);
    assert.deepEqual(reloads, [10 * MINUTE]);
  });
});

test('an app that is deleted is forgotten', async () => {
  await begin({ watch, cron });
  const gone = watches[0]!;
  app = { ...app, record: { ...app.record, run: false } };
  upkeep.follow();
  await soon();
  assert.equal(gone.closed, true);
  await tick(10 * MINUTE);
  assert.deepEqual(reloads, []);
});
