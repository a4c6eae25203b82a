/** What an app does with `ready`, `onShutdown`, `health` and `worker`, seen from the supervisor's end. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { entryFile } from '../../../src/core/entry-url.ts';
import type { HealthReport } from '../../../src/protocol/app-link.ts';
import type { FakeSupervisor, FakeWorker, StartOptions } from '../../support/fake-supervisor.ts';
import { aWhile, fakeSupervisor } from '../../support/fake-supervisor.ts';
import { until } from '../../support/wait.ts';
import { get } from '../../support/http.ts';

let skein: FakeSupervisor;
before(async () => {
  skein = await fakeSupervisor();
});
after(() => skein.close());

const HEAD = `
import http from 'node:http';
import cluster from 'node:cluster';
import { appLink } from ${JSON.stringify(entryFile('skein').replace(/entry\/skein\.(\w+)$/, 'protocol/app-link.$1'))};
import { health, onShutdown, ready, worker } from ${JSON.stringify(entryFile('skein'))};
const say = (text) => console.log(text);
const pause = () => new Promise((resolve) => setImmediate(resolve));
const gate = new Promise((resolve) => process.once('SIGUSR2', resolve));
const slow = (name) => async () => { say(name + ' begins'); await pause(); say(name + ' ends'); };
`;
const SERVER = `http.createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1', () => say('up'));`;

const run = (app: string, options: Partial<StartOptions> = {}): Promise<FakeWorker> =>
  skein.start({ app: `${HEAD}\n${app}`, as: 'mjs', ...options });

const lines = ({ output }: FakeWorker): string[] => output.trim().split('\n');

/** As of its hello, or said since. */
const isHealthy = async (worker: FakeWorker, status: HealthReport['status']): Promise<HealthReport> => {
  const fits = (message: { health?: HealthReport | null }): boolean => message.health?.status === status;
  const said = await until(`it is ${status}`, () =>
    worker.said.find((message) => (message.type === 'hello' || message.type === 'health') && fits(message)),
  );
  return (said as { health: HealthReport }).health;
};

const hellos = ({ said }: FakeWorker): number => said.filter(({ type }) => type === 'hello').length;

/** Drains it, as the supervisor does, and tells it to end. */
const stop = async (worker: FakeWorker, signal?: string): ReturnType<() => FakeWorker['ended']> => {
  worker.send({ type: 'drain', limitMs: 1_000, closeIdle: true });
  await worker.heard('drained');
  worker.send(signal === undefined ? { type: 'shutdown' } : { type: 'shutdown', signal });
  return worker.ended;
};

describe('shutdown hooks', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'])
    it(`run before the process ends by ${signal}, the last added first`, async () => {
      const worker = await run(
        `${SERVER} onShutdown(slow('database')); onShutdown(() => { throw new Error('broken hook') }); onShutdown(slow('queue'));`,
      );
      await worker.printed(/up/);
      assert.deepEqual(await stop(worker, signal), { code: null, signal });
      assert.deepEqual(lines(worker).slice(1), [
        'queue begins',
        'queue ends',
        'database begins',
        'database ends',
      ]);
      assert.match(worker.errors, /skein: a shutdown hook failed: Error: broken hook/);
      await worker.heard('hooks', ({ hooks }) => hooks === 'done');
    });

  it("run before the app's own handler of the signal", async () => {
    const worker = await run(
      `${SERVER} onShutdown(slow('hook')); process.on('SIGTERM', () => { say('handler'); process.exit(3) });`,
    );
    await worker.printed(/up/);
    assert.deepEqual(await stop(worker, 'SIGTERM'), { code: 3, signal: null });
    assert.deepEqual(lines(worker).slice(1), ['hook begins', 'hook ends', 'handler']);
  });

  it('run before the app is told by a message, and without a listener it ends by SIGTERM', async () => {
    const told = await run(
      `${SERVER} onShutdown(slow('hook')); process.on('message', (message) => { say(message); process.exit(0) });`,
    );
    await told.printed(/up/);
    assert.deepEqual(await stop(told), { code: 0, signal: null });
    assert.deepEqual(lines(told).slice(1), ['hook begins', 'hook ends', 'shutdown']);
    const silent = await run(`${SERVER} onShutdown(slow('hook'));`);
    await silent.printed(/up/);
    assert.deepEqual(await stop(silent), { code: null, signal: 'SIGTERM' });
    assert.deepEqual(lines(silent).slice(1), ['hook begins', 'hook ends']);
  });

  it('run when a signal comes straight to the process, once, and then it ends by that signal', async () => {
    const worker = await run(`${SERVER}
      onShutdown(async () => { say('hook'); await gate });`);
    await worker.printed(/up/);
    worker.process.kill('SIGTERM');
    await worker.printed(/hook/);
    // In a worker the supervisor sees to it that it ends.
    worker.process.kill('SIGTERM');
    worker.process.kill('SIGUSR2');
    assert.deepEqual(await worker.ended, { code: null, signal: 'SIGTERM' });
    assert.deepEqual(lines(worker), ['up', 'hook']);
  });

  it('run when the worker leaves by itself, and when there is nothing left to do', async () => {
    const leaves = await run(
      `${SERVER} onShutdown(slow('hook')); process.on('SIGUSR1', () => cluster.worker.disconnect());`,
      { several: true },
    );
    await leaves.printed(/up/);
    leaves.process.kill('SIGUSR1');
    assert.deepEqual(await leaves.ended, { code: 0, signal: null });
    assert.deepEqual(lines(leaves).slice(1), ['hook begins', 'hook ends']);
    const ends = await run(
      `onShutdown(slow('hook')); onShutdown(slow('early'), { when: 'draining' }); process.exitCode = 5;`,
      { noHello: true },
    );
    assert.deepEqual(await ends.ended, { code: 5, signal: null });
    assert.deepEqual(lines(ends), ['early begins', 'early ends', 'hook begins', 'hook ends']);
  });

  it('one that hangs is cut at the kill limit where nobody outside sees to it', async () => {
    const worker = await run(
      `${SERVER} onShutdown(() => new Promise(() => {})); process.on('SIGUSR1', () => cluster.worker.disconnect());`,
      { several: true, killTimeoutMs: 50 },
    );
    await worker.printed(/up/);
    worker.process.kill('SIGUSR1');
    assert.deepEqual(await worker.ended, { code: 0, signal: null });
    assert.match(worker.errors, /skein: the shutdown hooks were not done within 50 ms/);
  });

  it('are told of to the next supervisor, which asks again, and run once', async () => {
    const worker = await run(`${SERVER} onShutdown(slow('hook'));
      onShutdown(() => { say('first'); return gate });`);
    await worker.printed(/up/);
    worker.send({ type: 'drain', limitMs: 1_000, closeIdle: true });
    await worker.heard('drained');
    worker.send({ type: 'shutdown', signal: 'SIGTERM' });
    await worker.printed(/first/);
    worker.hangUp();
    await worker.heard('hello', ({ hooks, phase }) => hooks === 'running' && phase === 'drained');
    worker.send({ type: 'shutdown', signal: 'SIGTERM' });
    worker.process.kill('SIGUSR2');
    assert.deepEqual(await worker.ended, { code: null, signal: 'SIGTERM' });
    assert.deepEqual(lines(worker), ['up', 'first', 'hook begins', 'hook ends']);
  });

  it('an app without hooks has no handler and says so', async () => {
    const worker = await run(
      `${SERVER} say(process.listenerCount('SIGTERM') + ' ' + process.listenerCount('beforeExit'));`,
    );
    await worker.printed(/^0 0$/m);
    const hello = await worker.heard('hello');
    assert.equal(hello.hooks, 'none');
    assert.deepEqual(await stop(worker, 'SIGTERM'), { code: null, signal: 'SIGTERM' });
  });

  it('the beginning of a drain has hooks of its own, before the WebSockets are closed', async () => {
    const worker = await run(`
      const server = http.createServer((request, response) => response.end('hello'));
      server.on('upgrade', (request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
        onShutdown(async () => { await pause(); socket.write('bye!'); }, { when: 'draining' });
        socket.on('data', () => socket.end());
        say('upgraded');
      });
      server.listen(0, '127.0.0.1');`);
    const { connect } = await import('node:net');
    const socket = connect(await worker.port(), '127.0.0.1');
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (chunk.includes(0x88)) socket.end();
    });
    await worker.printed(/upgraded/);
    worker.send({ type: 'drain', limitMs: 5_000 });
    await worker.heard('drained', ({ reason }) => reason === 'empty');
    const text = Buffer.concat(received).toString('latin1');
    assert.ok(text.endsWith('\r\n\r\nbye!\x88\x02\x03\xe9'), text);
  });
});

describe('phases', () => {
  const PHASES = `appLink().onPhase((phase) => say('phase ' + phase));`;

  it('each is told, in a drain that the supervisor asks for', async () => {
    const worker = await run(`${PHASES} ${SERVER}`);
    await worker.printed(/phase ready/);
    await stop(worker, 'SIGTERM');
    assert.deepEqual(
      lines(worker).filter((line) => line.startsWith('phase')),
      ['phase ready', 'phase draining', 'phase drained'],
    );
  });

  it('and when the app leaves by itself', async () => {
    const worker = await run(`${PHASES} ${SERVER} process.on('SIGUSR1', () => process.disconnect());`, {
      several: true,
    });
    await worker.printed(/phase ready/);
    worker.process.kill('SIGUSR1');
    await worker.ended;
    assert.deepEqual(
      lines(worker).filter((line) => line.startsWith('phase')),
      ['phase ready', 'phase draining', 'phase drained'],
    );
  });

  for (const kind of ['message', 'started'] as const)
    it(`with ready: ${kind} it is ready when the supervisor says so`, async () => {
      const worker = await run(`${PHASES} ${SERVER} ready(); ready();`, { ready: { kind } });
      await worker.printed(/up/);
      await worker.heard('ready');
      assert.doesNotMatch(worker.output, /phase/);
      worker.hangUp();
      await until('it has said hello again', () => hellos(worker) === 2);
      const again = worker.said.findLast((message) => message.type === 'hello');
      assert.deepEqual([again?.phase, again?.declaredReady], ['starting', true]);
      worker.send({ type: 'open' });
      await worker.printed(/phase ready/);
      assert.equal((await get(await worker.port())).body, 'hello');
    });
});

describe('health', () => {
  const CHECK = `let well = false;
    health.check('database', () => { if (!well) throw new Error('connection refused') }, { every: 100 });
    process.on('SIGUSR2', () => { well = !well });`;

  it('a check that fails keeps a worker from accepting until the supervisor says that it is ready', async () => {
    const worker = await run(`${CHECK} ${SERVER}`);
    const port = await worker.port();
    const health = await isHealthy(worker, 'unhealthy');
    assert.deepEqual(
      health.checks.map(({ name, ok, reason }) => ({ name, ok, reason })),
      [{ name: 'database', ok: false, reason: 'connection refused' }],
    );
    await aWhile();
    assert.deepEqual(worker.serving, []);
    worker.process.kill('SIGUSR2');
    await isHealthy(worker, 'healthy');
    worker.send({ type: 'open' });
    await worker.serves([0]);
    assert.equal((await get(port)).body, 'hello');
    worker.hangUp();
    await worker.heard(
      'hello',
      ({ phase, health: again }) => phase === 'ready' && again?.status === 'healthy',
    );
  });

  it('one that fails later closes nothing', async () => {
    const worker = await run(`${CHECK.replace('let well = false', 'let well = true')} ${SERVER}`);
    await isHealthy(worker, 'healthy');
    worker.send({ type: 'open' });
    const port = await worker.port();
    await worker.serves([0]);
    assert.equal((await get(port)).body, 'hello');
    worker.process.kill('SIGUSR2');
    await isHealthy(worker, 'unhealthy');
    assert.equal((await get(port)).body, 'hello');
  });

  it('one that is added when the worker serves already closes nothing', async () => {
    const worker = await run(`${SERVER} process.on('SIGUSR2', () => health.check('late', () => false));`);
    const port = await worker.port();
    assert.equal((await get(port)).body, 'hello');
    worker.process.kill('SIGUSR2');
    await isHealthy(worker, 'unhealthy');
    assert.equal((await get(port)).body, 'hello');
  });

  it('keeps no process alive', async () => {
    const worker = await run(
      `health.check('quick', () => true); health.check('hangs', () => new Promise(() => {}));`,
      { noHello: true },
    );
    assert.deepEqual(await worker.ended, { code: 0, signal: null });
  });
});

describe('worker', () => {
  it('says who it is, and how many there are to be now', async () => {
    const worker = await run(
      `const tell = () => say(JSON.stringify(worker.count) + ' ' + [worker.app, worker.slot, worker.generation, worker.id]);
       ${SERVER} tell(); process.on('SIGUSR2', tell);`,
      { name: 'shop', slot: 1, several: true },
    );
    await worker.printed(new RegExp(`^2 shop,1,1,${worker.tag.id}$`, 'm'));
    worker.send({ type: 'count', count: 5 });
    worker.send({ type: 'beat', on: true });
    await worker.heard('beat');
    worker.process.kill('SIGUSR2');
    await worker.printed(/^5 shop,1,1/m);
  });

  it('process.send and messages of the app are what they were', async () => {
    const worker = await run(
      `process.on('message', (message) => say('got ' + message));
       process.send({ own: 1 }, (error) => say('sent ' + error)); worker.slot; ready(); ${SERVER}`,
    );
    await worker.printed(/up/);
    await worker.printed(/sent null/);
    assert.deepEqual((await worker.heard('message')).message, { own: 1 });
    await worker.heard('ready');
    worker.send({ type: 'shutdown' });
    await worker.printed(/got shutdown/);
  });
});
