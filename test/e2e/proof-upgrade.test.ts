/** The supervisor is replaced by another version under load, and one that cannot live replaces nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';
import type { OtherVersion } from '../support/other-version.ts';
import { otherVersion } from '../support/other-version.ts';
import { processesWith } from '../support/processes.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { slowBoot } from '../support/slow-boot.ts';
import { until } from '../support/wait.ts';

const withVersion = async (version: string, use: (other: OtherVersion) => Promise<void>): Promise<void> => {
  const other = otherVersion(version);
  try {
    await use(other);
  } finally {
    other.remove();
  }
};

test('an upgrade under load loses no request and keeps every worker', { timeout: 90_000 }, () =>
  withVersion('99.0.0', async (next) => {
    await noRequestLost({
      script: 'http.js',
      load: { rate: 300, seed: 7 },
      async act({ skein, app, load }) {
        const before = await skein.pids(app);
        const { holder, supervisor } = await skein.ping();
        const done = await next.run(skein, ['upgrade']);
        assert.deepEqual(
          [done.code, done.stdout],
          [0, `${supervisor.version} → 99.0.0, 4 workers kept\n`],
          done.stderr,
        );
        assert.match(done.stderr, /^The holder stays at /);
        await load.answered(50);
        const now = await skein.ping();
        assert.equal(now.supervisor.version, '99.0.0');
        assert.equal(now.holder?.pid, holder?.pid);
        assert.deepEqual(await skein.pids(app), before);
        // Back again, and what it does then is done by the right one.
        const back = await skein.ok(['upgrade', '--json']);
        assert.equal((JSON.parse(back.stdout) as { workersKept: number }).workersKept, 4);
        assert.deepEqual(await skein.pids(app), before);
        await skein.ok(['reload', app]);
      },
    });
  }),
);

test('an upgrade in the middle of a rollout under load', { timeout: 90_000 }, () =>
  withVersion('99.0.0', async (next) => {
    const boot = slowBoot(300);
    await noRequestLost({
      script: 'http.js',
      ...boot.options,
      load: { rate: 150, seed: 8 },
      async act({ skein, app }) {
        const reload = skein.begin(['reload', app]);
        await until('a worker is starting', async () =>
          (await skein.app(app)).workers.some((worker) => worker.state === 'starting'),
        );
        const done = await next.run(skein, ['upgrade']);
        assert.equal(done.code, 0, done.stderr);
        const finished = await reload.finished;
        assert.equal(finished.code, 0, finished.stderr);
        const after = await skein.settled(app, 30_000);
        assert.ok(after.workers.every(({ generation }) => generation === 2));
      },
    });
    boot.remove();
  }),
);

interface Broken {
  readonly name: string;
  readonly reason: RegExp;
  break(version: OtherVersion): void;
}

const FILE = 'dist/entry/supervisor.cjs';

const broken: readonly Broken[] = [
  {
    name: 'has a syntax error',
    reason: /it ended with exit code 1 \(SyntaxError: Unexpected identifier 'is'\)/,
    break: ({ edit }) => edit(FILE, (text) => `this is no program\n${text}`),
  },
  {
    name: 'throws while it is loaded',
    reason: /it ended with exit code 1 \(TypeError: no such thing\)/,
    break: ({ edit }) => edit(FILE, (text) => `throw new TypeError('no such thing');\n${text}`),
  },
  {
    name: 'lacks a file',
    reason: /it ended with exit code 1 \(Error: Cannot find module '\.\/none\.cjs'\)/,
    break: ({ edit }) => edit(FILE, (text) => `require('./none.cjs');\n${text}`),
  },
  {
    name: 'hangs',
    reason: /it said nothing within 10 s/,
    break: ({ edit }) => edit(FILE, (text) => `while (true);\n${text}`),
  },
  {
    name: 'exits with 0',
    reason: /it ended with exit code 0/,
    break: ({ edit }) => edit(FILE, (text) => `process.exit(0);\n${text}`),
  },
  {
    name: 'speaks another protocol',
    reason: /it speaks protocol 999, the holder \d+/,
    break: ({ edit }) =>
      edit(FILE, (text) => text.replace(/PROTOCOL_VERSION = \d+/, 'PROTOCOL_VERSION = 999')),
  },
  {
    name: 'ends when it takes over',
    reason: /it ended soon after it had taken over/,
    break: ({ edit }) =>
      edit(FILE, (text) =>
        text.replace(/connectToHolder\(\(\w+, holder\) => \{/, "$&throw new Error('too late');"),
      ),
  },
];

test('a version that cannot live replaces nothing, and says why', { timeout: 120_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('loop.sh'), '-n', 'loop', '-i', '2']);
    const { version } = (await skein.ping()).supervisor;
    const pids = await skein.pids('loop');
    for (const { name, reason, break: breakIt } of broken)
      await withVersion('99.0.0', async (next) => {
        breakIt(next);
        const before = await skein.ping();
        const done = await next.run(skein, ['upgrade']);
        assert.equal(done.code, 7, `${name}: ${done.stderr}`);
        assert.match(done.stderr, /^skein: The supervisor of version 99\.0\.0 did not come up: /, name);
        assert.match(done.stderr, reason, name);
        assert.ok(done.stderr.includes(`The running one (${version}) goes on`), name);
        const after = await skein.ping();
        assert.equal(after.supervisor.version, version, name);
        if (!name.includes('takes over')) assert.equal(after.supervisor.pid, before.supervisor.pid, name);
        assert.deepEqual(await skein.pids('loop'), pids, name);
        assert.deepEqual(processesWith(next.dir), [], name);
      });
    const same = await skein.ok(['upgrade']);
    assert.equal(same.stdout, `${version} → ${version}, 2 workers kept\n`);
    assert.match(same.stderr, /It was this version already/);
  }),
);
