/** When a worker takes connections, and from which sockets: the gate, lending, keep-alive. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { FakeSupervisor, FakeWorker } from '../../support/fake-supervisor.ts';
import { aWhile, fakeSupervisor } from '../../support/fake-supervisor.ts';
import { get } from '../../support/http.ts';
import { freePort } from '../../support/ports.ts';
import { rawClient } from '../../support/raw-client.ts';

const WHO = `require('node:http').createServer((q, r) => r.end(String(process.pid)))`;

let skein: FakeSupervisor;
before(async () => {
  skein = await fakeSupervisor();
});
after(() => skein.close());

const refused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });

describe('the gate', () => {
  for (const several of [false, true]) {
    it(`is closed until the worker is ready (${several ? 'several workers' : 'one worker'})`, async () => {
      const worker = await skein.start({
        several,
        ready: { kind: 'message' },
        app: `${WHO}.listen(${await freePort()}, '127.0.0.1', () => console.log(process.send('ready', () => console.log('sent'))))`,
      });
      await worker.heard('ready');
      await worker.printed(/true\nsent/);
      const port = await worker.port();
      assert.deepEqual(worker.serving, []);
      assert.equal(await refused(port), true);
      worker.send({ type: 'open' });
      await worker.serves([0]);
      assert.equal((await get(port)).body, String(worker.pid));
    });
  }

  it('holds datagrams back too', async () => {
    const worker = await skein.start({
      ready: { kind: 'message' },
      app: `const socket = require('node:dgram').createSocket('udp4').on('message', (m) => console.log('got', String(m)));
        socket.bind(${await freePort()}, '127.0.0.1')`,
    });
    const { createSocket } = await import('node:dgram');
    const client = createSocket('udp4');
    client.send('early', await worker.port(), '127.0.0.1');
    await aWhile();
    assert.equal(worker.output, '');
    worker.send({ type: 'open' });
    await worker.printed(/got early/);
    client.close();
  });

  it('keeps a waiting server’s process, and ends with its close()', async () => {
    const worker = await skein.start({
      ready: { kind: 'message' },
      app: `const server = ${WHO}.listen(0, '127.0.0.1'); process.on('SIGUSR2', () => server.close())`,
    });
    await worker.listens();
    await aWhile();
    assert.equal(worker.process.exitCode, null);
    worker.process.kill('SIGUSR2');
    assert.equal((await worker.ended).code, 0);
  });

  it('does not open for a server that drains', async () => {
    const worker = await skein.start({ ready: { kind: 'message' }, app: `${WHO}.listen(0, '127.0.0.1')` });
    const port = await worker.port();
    worker.send({ type: 'drain', limitMs: 1_000 });
    worker.send({ type: 'open' });
    await worker.heard('drained');
    assert.equal(await refused(port), true);
  });
});

describe('lending', () => {
  const startPair = async (name: string): Promise<[FakeWorker, FakeWorker, number, string]> => {
    const options = {
      name,
      several: true,
      accept: 'per-worker',
      app: `${WHO}.listen(0, '127.0.0.1')`,
    } as const;
    const first = await skein.start({ ...options, slot: 0 });
    const second = await skein.start({ ...options, slot: 1 });
    await second.listens();
    await first.serves([0]);
    await second.serves([1]);
    const { key } = await first.listens();
    return [first, second, await first.port(), key];
  };

  it('a sibling answers what waits in a dead worker’s socket', async () => {
    const [first, second, port, key] = await startPair('dead');
    first.process.kill('SIGKILL');
    await first.ended;
    const answers = Array.from({ length: 20 }, () => get(port));
    await aWhile();
    skein.lend(second, key, 0);
    await second.serves([1, 0]);
    const bodies = (await Promise.all(answers)).map(({ body }) => body);
    assert.deepEqual(new Set(bodies), new Set([String(second.pid)]));
    assert.deepEqual((await second.stats(({ answered }) => answered === 20)).reset, 0);
  });

  it('loses nothing while sockets go to and fro under load', async () => {
    const [first, second, port, key] = await startPair('fro');
    let over = false;
    const client = async (): Promise<number> => {
      let answers = 0;
      for (; !over; answers++) assert.equal((await get(port)).status, 200);
      return answers;
    };
    const clients = Array.from({ length: 16 }, () => client());
    for (let round = 0; round < 10; round++) {
      skein.lend(second, key, 0);
      await second.serves([1, 0]);
      skein.lend(first, key, 1);
      await first.serves([0, 1]);
      second.send({ type: 'return', key, slot: 0 });
      first.send({ type: 'return', key, slot: 1 });
      await second.serves([1]);
      await first.serves([0]);
    }
    over = true;
    const answers = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
    assert.ok(answers > 50, String(answers));
  });

  it('a lent socket is given back, and its next worker takes over', async () => {
    const [first, second, port, key] = await startPair('back');
    first.process.kill('SIGKILL');
    await first.ended;
    skein.lend(second, key, 0);
    await second.serves([1, 0]);
    second.send({ type: 'return', key, slot: 0 });
    await second.serves([1]);
    const third = await skein.start({
      name: 'back',
      several: true,
      accept: 'per-worker',
      slot: 0,
      app: `${WHO}.listen(0, '127.0.0.1')`,
    });
    await third.serves([0]);
    const bodies = new Set<string>();
    for (let count = 0; count < 200 && bodies.size < 2; count++) bodies.add((await get(port)).body);
    assert.deepEqual(bodies, new Set([String(second.pid), String(third.pid)]));
  });

  it('a socket lent for an address nobody listens on is closed', async () => {
    const [first, second, , key] = await startPair('nobody');
    skein.lend(second, 'other', 0);
    second.send({ type: 'drain', limitMs: 1_000 });
    await second.serves([]);
    skein.lend(second, key, 0);
    await second.heard('drained');
    await aWhile();
    assert.deepEqual(second.serving, []);
    skein.lend(first, key, 1);
    await first.serves([0, 1]);
    assert.equal((await get(await first.port())).body, String(first.pid));
  });

  it('closing the server closes what was lent to it', async () => {
    const options = { name: 'closes', several: true, accept: 'per-worker' } as const;
    const first = await skein.start({ ...options, slot: 0, app: `${WHO}.listen(0, '127.0.0.1')` });
    const second = await skein.start({
      ...options,
      slot: 1,
      app: `const server = ${WHO}.listen(0, '127.0.0.1'); process.on('SIGUSR2', () => server.close())`,
    });
    const { key } = await first.listens();
    await second.serves([1]);
    skein.lend(second, key, 0);
    await second.serves([1, 0]);
    second.process.kill('SIGUSR2');
    await second.heard('closed');
    assert.equal((await second.ended).code, 0);
  });
});

describe('the keep-alive timeout', () => {
  for (const [name, code, expected] of [
    ['is 75 s', '', 75],
    ['is the app’s by option', 'options.keepAliveTimeout = 7000', 7],
    ['is the app’s by property', 'after = (server) => { server.keepAliveTimeout = 9000 }', 9],
  ] as const) {
    it(name, async () => {
      const worker = await skein.start({
        app: `const options = {}; let after = () => {}; ${code};
          const server = require('node:http').createServer(options, (q, r) => r.end('done'));
          after(server); server.listen(0, '127.0.0.1')`,
      });
      const client = await rawClient(await worker.port());
      assert.match(await client.ask('/', 'done'), new RegExp(`keep-alive: timeout=${expected}(\r|$)`, 'm'));
      client.close();
    });
  }
});

describe('the app’s own server.close()', () => {
  it('leaves idle connections until their next request', async () => {
    const worker = await skein.start({
      app: `const server = require('node:http').createServer((q, r) => r.end('done')).listen(0, '127.0.0.1');
        process.on('SIGUSR2', () => server.close(() => console.log('closed')))`,
    });
    const client = await rawClient(await worker.port());
    await client.ask('/', 'done');
    worker.process.kill('SIGUSR2');
    await worker.heard('closed');
    await aWhile();
    assert.equal(client.ended, false);
    assert.match(await client.ask('/', 'done'), /connection: close/);
    assert.equal((await worker.ended).code, 0);
    assert.equal(worker.output, 'closed\n');
  });

  it('ends them at the drain limit', async () => {
    const worker = await skein.start({
      drainTimeoutMs: 200,
      app: `const server = require('node:http').createServer((q, r) => r.end('done')).listen(0, '127.0.0.1');
        process.on('SIGUSR2', () => server.close())`,
    });
    const client = await rawClient(await worker.port());
    await client.ask('/', 'done');
    worker.process.kill('SIGUSR2');
    assert.equal((await worker.ended).code, 0);
  });

  it('reaches a subclass with a close() of its own, and closeAllConnections() is as ever', async () => {
    const worker = await skein.start({
      app: `const { Server } = require('node:http');
        class Own extends Server { close(...args) { console.log('own'); return super.close(...args); } }
        const server = new Own((q, r) => r.end('done')).listen(0, '127.0.0.1');
        process.on('SIGUSR2', () => { server.close(); console.log(Object.keys(server).includes('closeIdleConnections')); });
        process.on('SIGHUP', () => server.closeAllConnections())`,
    });
    const client = await rawClient(await worker.port());
    await client.ask('/', 'done');
    worker.process.kill('SIGUSR2');
    await worker.printed(/own\nfalse/);
    await aWhile();
    assert.equal(client.ended, false);
    worker.process.kill('SIGHUP');
    assert.equal((await worker.ended).code, 0);
  });

  it('listens again afterwards as if new', async () => {
    const worker = await skein.start({
      app: `const server = require('node:http').createServer((q, r) => r.end('done')).listen(0, '127.0.0.1', () =>
        server.close(() => server.listen(0, '127.0.0.1', () => console.log('again'))))`,
    });
    await worker.printed(/again/);
    const client = await rawClient(await worker.port());
    assert.match(await client.ask('/', 'done'), /keep-alive/);
    client.close();
  });
});
