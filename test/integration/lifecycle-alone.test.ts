/** What `skein` does in a process that Skein does not run, or that imports another copy of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Readable } from 'node:stream';
import { fakeSupervisor } from '../support/fake-supervisor.ts';
import { until } from '../support/wait.ts';

const root = join(import.meta.dirname, '..', '..');
/** A project with two copies of Skein as it is published: `skein`, and one that a package brings. */
const project = mkdtempSync(join(tmpdir(), 'skein-alone-'));
after(() => rmSync(project, { recursive: true }));
for (const name of ['skein', 'brings/node_modules/skein']) {
  const copy = join(project, 'node_modules', name);
  mkdirSync(copy, { recursive: true });
  for (const part of ['package.json', 'dist'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}
writeFileSync(join(project, 'node_modules/brings/index.js'), `module.exports = require('skein');`);

let files = 0;
const write = (source: string, as = 'mjs'): string => {
  const file = join(project, `app${(files += 1)}.${as}`);
  writeFileSync(file, source);
  return file;
};

const IMPORT = `import { health, onShutdown, ready, worker } from 'skein';
const say = (text) => console.log(text);
const pause = () => new Promise((resolve) => setImmediate(resolve));
const stay = setInterval(() => {}, 1000);
`;

interface Run {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Sends the signals one after the other, each when its line has been printed. */
const run = async (file: string, signals: Readonly<Record<string, NodeJS.Signals>> = {}): Promise<Run> => {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const collect = (from: Readable): (() => string) => {
    let text = '';
    from.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return () => text;
  };
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  for (const [line, signal] of Object.entries(signals)) {
    await until(line, () => output().includes(line) || child.exitCode !== null);
    child.kill(signal);
  }
  const [code, signal] = await closed;
  return { code, signal, lines: output().trim().split('\n'), errors: errors() };
};

describe('alone', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`${signal} runs the hooks, then ends the process as it would have`, async () => {
      const ended = await run(
        write(`${IMPORT} onShutdown(async () => { await pause(); say('database') });
          onShutdown(() => { throw new Error('broken') }); onShutdown(() => say('sockets'), { when: 'draining' }); ready(); say('up');`),
        { up: signal },
      );
      assert.deepEqual([ended.signal, ended.lines], [signal, ['up', 'sockets', 'database']]);
      assert.match(ended.errors, /^skein: a shutdown hook failed: Error: broken/);
    });

  it('a second signal ends it at once', async () => {
    const ended = await run(
      write(`${IMPORT} onShutdown(() => { say('hangs'); return new Promise(() => {}) }); say('up');`),
      { up: 'SIGTERM', hangs: 'SIGINT' },
    );
    assert.equal(ended.signal, 'SIGINT');
  });

  it('a handler of its own decides how it ends', async () => {
    const ended = await run(
      write(`${IMPORT} onShutdown(async () => { await pause(); say('hook'); clearInterval(stay) });
        process.on('SIGTERM', () => { say('handler'); process.exitCode = 7 }); say('up');`),
      { up: 'SIGTERM' },
    );
    assert.deepEqual([ended.code, ended.lines], [7, ['up', 'handler', 'hook']]);
  });

  it('with nothing left to do it runs them and ends with its own code; process.exit() runs none', async () => {
    const nothing = await run(
      write(`${IMPORT} clearInterval(stay); onShutdown(async () => { await new Promise((resolve) => setTimeout(resolve, 20).unref()); say('hook') });
        onShutdown(() => say('taken off'))(); process.exitCode = 4;`),
    );
    assert.deepEqual([nothing.code, nothing.lines], [4, ['hook']]);
    const exits = await run(write(`${IMPORT} onShutdown(() => say('hook')); say('exits'); process.exit(5);`));
    assert.deepEqual([exits.code, exits.lines], [5, ['exits']]);
  });

  it('neither hooks nor checks keep it alive, and without hooks it has no handlers', async () => {
    const ended = await run(
      write(`${IMPORT} clearInterval(stay); health.check('hangs', () => new Promise(() => {}));
        say([worker.app, worker.slot, worker.generation, worker.count, worker.id === String(process.pid)]);
        say(['SIGTERM', 'SIGINT', 'beforeExit'].map((name) => process.listenerCount(name)).join());
        onShutdown(() => {});`),
    );
    assert.deepEqual([ended.code, ended.lines], [0, ["[ 'app', 0, 1, 1, true ]", '0,0,0']]);
  });

  it('require, and two copies of Skein in one process: each hook runs once, and it ends', async () => {
    const ended = await run(
      write(
        `const own = require('skein'); const other = require('brings');
         if (own === other || own.onShutdown === other.onShutdown) throw new Error('one copy');
         setInterval(() => {}, 1000);
         own.onShutdown(() => console.log('own')); other.onShutdown(() => console.log('other'));
         other.health.check('other', () => false);
         setImmediate(() => console.log(own.health.report().checks.map(({ name }) => name).join() + ' up'));`,
        'cjs',
      ),
      { up: 'SIGTERM' },
    );
    assert.deepEqual([ended.signal, ended.lines], ['SIGTERM', ['other up', 'other', 'own']]);
    assert.equal(ended.errors, '');
  });

  it('a thread installs no handlers and runs no hooks; a child process is on its own', async () => {
    const ended = await run(
      write(`import { isMainThread, Worker } from 'node:worker_threads';
        import { fork } from 'node:child_process'; import { once } from 'node:events';
        ${IMPORT} clearInterval(stay);
        if (isMainThread && process.argv[2] !== 'child') {
          await once(new Worker(new URL(import.meta.url)), 'exit');
          say(['SIGTERM', 'beforeExit'].map((name) => process.listenerCount(name)).join());
          await once(fork(new URL(import.meta.url).pathname, ['child']), 'exit');
        } else {
          onShutdown(() => say(isMainThread ? 'hook of the child' : 'hook of the thread'));
          say(isMainThread ? 'child ' + worker.slot : 'thread ' + process.listenerCount('beforeExit'));
        }`),
    );
    assert.deepEqual([ended.code, ended.lines], [0, ['thread 0', '0,0', 'child 0', 'hook of the child']]);
  });

  it('what is no hook, or for no time there is, is refused', async () => {
    const ended = await run(
      write(`${IMPORT} clearInterval(stay);
        for (const bad of [() => onShutdown('SELECT 1'), () => onShutdown(undefined), () => onShutdown(() => {}, { when: 'later' })])
          try { bad() } catch (error) { say(error.code) }`),
    );
    assert.deepEqual(ended.lines, ['E_BAD_VALUE', 'E_BAD_VALUE', 'E_BAD_VALUE']);
  });
});

describe('in a worker', () => {
  it('another copy of Skein than the one that runs it finds it, also from two packages', async () => {
    const skein = await fakeSupervisor();
    try {
      const app = `const { createRequire } = require('node:module');
        const load = createRequire(${JSON.stringify(join(project, 'app.cjs'))});
        const own = load('skein'); const other = load('brings');
        own.onShutdown(() => console.log('own')); other.onShutdown(() => console.log('other'));
        own.health.check('own', () => true); other.health.check('other', () => true);
        console.log([own.worker.app, other.worker.slot, own.worker.count].join());
        require('node:http').createServer((request, response) => response.end()).listen(0, '127.0.0.1');`;
      const worker = await skein.start({ app, name: 'shop', slot: 1, several: true });
      await worker.printed(/shop,1,2/);
      await until('its health is known', () =>
        worker.said.some(
          (message) =>
            (message.type === 'hello' || message.type === 'health') &&
            message.health?.status === 'healthy' &&
            message.health.checks.map(({ name }) => name).join() === 'own,other',
        ),
      );
      worker.send({ type: 'shutdown', signal: 'SIGTERM' });
      assert.deepEqual(await worker.ended, { code: null, signal: 'SIGTERM' });
      assert.equal(worker.output, 'shop,1,2\nother\nown\n');
      assert.equal(worker.errors, '');
    } finally {
      await skein.close();
    }
  });

  it('a thread and a child process of a worker are on their own', async () => {
    const skein = await fakeSupervisor();
    try {
      const app = `const { createRequire } = require('node:module');
        const { isMainThread, Worker } = require('node:worker_threads');
        const { worker, onShutdown } = createRequire(${JSON.stringify(join(project, 'app.cjs'))})('skein');
        onShutdown(() => console.log('hook'));
        const who = isMainThread ? 'main' : 'thread';
        console.log([who, worker.slot, worker.count].join());
        if (process.argv[2] !== 'child' && isMainThread) {
          new Worker(__filename);
          require('node:child_process').fork(__filename, ['child']);
        }`;
      const worker = await skein.start({ app, slot: 1, several: true, noHello: true });
      assert.deepEqual(await worker.ended, { code: 0, signal: null });
      assert.deepEqual(worker.output.trim().split('\n').sort(), [
        'hook',
        'hook',
        'main,0,1',
        'main,1,2',
        'thread,0,1',
      ]);
    } finally {
      await skein.close();
    }
  });
});
