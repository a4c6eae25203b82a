/** A worker that a balancer stands before: where it listens, and what its app sees of that. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { FakeSupervisor, FakeWorker } from '../../support/fake-supervisor.ts';
import { fakeSupervisor } from '../../support/fake-supervisor.ts';
import { get } from '../../support/http.ts';
import { freePort } from '../../support/ports.ts';

const SERVER = `const server = require('node:http').createServer((request, response) => {
  if (request.url === '/held') return process.once('SIGUSR2', () => response.end('late'));
  response.end(JSON.stringify({ pid: process.pid, from: request.socket.remoteAddress ?? null }));
});
const say = () => console.log('address', JSON.stringify(server.address()));`;

const over = (path: string, url = '/', agent?: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, path: url, agent: (agent ?? false) as never }, (answer) => {
      text(answer).then(resolve, reject);
    });
    asked.on('error', reject).end();
  });

const behind = async (worker: FakeWorker, index = 0) => {
  const listening = await worker.listens(index);
  assert.ok(listening.behind, 'not behind a balancer');
  return listening.behind;
};

const refused = async (path: string): Promise<string | undefined> => {
  const [error] = await once(connect(path), 'error');
  return (error as NodeJS.ErrnoException).code;
};

for (const several of [false, true]) {
  describe(
    several ? 'behind a balancer, one of several workers' : 'behind a balancer, the only worker',
    () => {
      let skein: FakeSupervisor;
      before(async () => {
        skein = await fakeSupervisor();
      });
      after(() => skein.close());
      const start = (app: string, name = 'api', slot = 0): Promise<FakeWorker> =>
        skein.start({ app, several, name, slot, balanced: true });

      it('each worker has a socket of its own, and to the app it is the address that it asked for', async () => {
        const port = await freePort();
        const app = `${SERVER} server.listen(${port}, '127.0.0.1', say)`;
        const one = await start(app, 'own', 0);
        const two = await start(app, 'own', 1);
        assert.equal((await one.listens()).address, `127.0.0.1:${port}`);
        assert.deepEqual(JSON.parse((await one.printed(/address (.*)/))[1]!), {
          address: '127.0.0.1',
          family: 'IPv4',
          port,
        });
        for (const worker of [one, two])
          assert.deepEqual(JSON.parse(await over((await behind(worker)).path)), {
            pid: worker.pid,
            from: '127.0.0.1',
          });
        assert.notEqual((await behind(one)).path, (await behind(two)).path);
        assert.deepEqual(one.serving, []);
        await assert.rejects(get(port), /ECONNREFUSED/);
      });

      it('listen(0): a port that all workers share; IPv6; two servers', async () => {
        const app = `${SERVER} server.listen(0, say);
        require('node:http').createServer((request, response) => response.end('second')).listen(0, '127.0.0.1')`;
        const one = await start(app, 'zero', 0);
        const two = await start(app, 'zero', 1);
        assert.match((await one.listens()).address, /^\[::\]:\d+$/);
        const addresses = async (worker: FakeWorker): Promise<readonly string[]> => {
          await worker.listens(1);
          return worker.listening.map(({ address }) => address).sort();
        };
        assert.deepEqual(await addresses(one), await addresses(two));
        const second = one.listening.find(({ address }) => address.startsWith('127'))!;
        assert.equal(await over(second.behind!.path), 'second');
        assert.equal(second.behind!.pulse, (await behind(one)).pulse, 'one pulse for the whole process');
      });

      it('an address that is taken is the app’s own error', async () => {
        const holder = await start(`${SERVER} server.listen(0, '127.0.0.1')`, 'holds');
        const port = await holder.port();
        const late = await start(
          `${SERVER} server.on('error', ({ code, port }) => console.log(code, port)); server.listen(${port}, '127.0.0.1')`,
          'late',
        );
        assert.match((await late.printed(/.*EADDRINUSE.*/))[0], new RegExp(`EADDRINUSE ${port}`));
      });

      it('what no balancer can read stays where it is', async () => {
        const worker = await start(
          `require('node:net').createServer((socket) => socket.end('net')).listen(0, '127.0.0.1');
        require('node:http').createServer(() => {}).listen('${join(skein.dir, `${String(several)}.sock`)}')`,
          'other',
        );
        await worker.listens(1);
        assert.deepEqual(
          worker.listening.map((one) => one.behind),
          [undefined, undefined],
        );
        const tcp = worker.listening.find(({ kind }) => kind === 'net')!;
        assert.equal(await text(connect(Number(tcp.address.split(':')[1]), '127.0.0.1')), 'net');
      });

      it('the pulse answers each byte, and keeps nothing open', async () => {
        const worker = await start(
          `${SERVER} server.listen(0); process.on('SIGUSR2', () => {
        const until = Date.now() + 300; while (Date.now() < until);
        console.log('unblocked');
      })`,
          'pulse',
        );
        const socket = connect((await behind(worker)).pulse);
        socket.write('a');
        assert.equal(String((await once(socket, 'data'))[0]), 'a');
        assert.equal((await worker.stats(() => true)).connections, 0);
        worker.process.kill('SIGUSR2');
        await worker.printed(/unblocked/);
        socket.write('b');
        assert.equal(String((await once(socket, 'data'))[0]), 'b');
        worker.send({ type: 'drain', limitMs: 5_000 });
        assert.equal((await worker.heard('drained')).reason, 'empty');
        socket.destroy();
      });

      it('a server that the app closes is gone, and can listen again', async () => {
        const port = await freePort();
        const worker = await start(
          `${SERVER} server.listen(${port}, '127.0.0.1', () =>
          server.close(() => server.listen(${port}, '127.0.0.1', () => console.log('again'))))`,
          'again',
        );
        await worker.printed(/again/);
        await worker.heard('closed');
        const [first, second] = worker.said.flatMap((said) =>
          said.type === 'listening' ? [said.listening.behind!.path] : [],
        );
        assert.equal(await refused(first!), 'ECONNREFUSED');
        assert.equal(JSON.parse(await over(second!)).pid, worker.pid);
      });

      it('is refused at once when it is dead', async () => {
        const worker = await start(`${SERVER} server.listen(0)`, 'dead');
        const { path } = await behind(worker);
        worker.process.kill('SIGKILL');
        await worker.exited;
        assert.equal(await refused(path), 'ECONNREFUSED');
      });
    },
  );
}

describe('the drain of a worker that balancers have let go of', () => {
  let skein: FakeSupervisor;
  before(async () => {
    skein = await fakeSupervisor();
  });
  after(() => skein.close());

  it('ends idle connections at once, and others after their response', async () => {
    const worker = await skein.start({ app: `${SERVER} server.listen(0)`, balanced: true });
    const { path } = await behind(worker);
    const { Agent } = await import('node:http');
    const agent = new Agent({ keepAlive: true });
    const idle = new Agent({ keepAlive: true });
    await over(path, '/', idle);
    const held = over(path, '/held', agent);
    await worker.stats(({ inFlight }) => inFlight === 1);
    worker.send({ type: 'drain', limitMs: 20_000, letGo: true });
    await worker.stats(({ connections }) => connections === 1);
    assert.equal(await refused(path), 'ECONNREFUSED');
    worker.process.kill('SIGUSR2');
    assert.equal(await held, 'late');
    assert.equal((await worker.heard('drained')).reason, 'empty');
    agent.destroy();
    idle.destroy();
  });

  it('answers what had been sent before', async () => {
    const worker = await skein.start({ app: `${SERVER} server.listen(0)`, balanced: true });
    const { path } = await behind(worker);
    const socket = connect(path).setEncoding('utf8');
    const ask = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(ask);
    await once(socket, 'data');
    // Both lie in the kernel when the worker looks.
    worker.process.kill('SIGSTOP');
    worker.send({ type: 'drain', limitMs: 20_000, letGo: true });
    socket.write(ask);
    worker.process.kill('SIGCONT');
    assert.match(await text(socket), /^HTTP\/1.1 200 OK/);
    assert.equal((await worker.heard('drained')).reason, 'empty');
  });

  it('without that, idle connections are left as in any drain', async () => {
    const worker = await skein.start({ app: `${SERVER} server.listen(0)`, balanced: true });
    const { path } = await behind(worker);
    const { Agent } = await import('node:http');
    const agent = new Agent({ keepAlive: true });
    await over(path, '/', agent);
    worker.send({ type: 'drain', limitMs: 600 });
    assert.equal((await worker.heard('drained')).reason, 'limit');
    agent.destroy();
  });
});

describe('a balancer', () => {
  let skein: FakeSupervisor;
  before(async () => {
    skein = await fakeSupervisor();
  });
  after(() => skein.close());

  it('gets the very socket that its app has bound', async () => {
    const worker = await skein.start({
      app: `${SERVER} server.listen(0, '127.0.0.1')`,
      name: 'api',
      balanced: true,
    });
    const port = await worker.port();
    const app = `require('node:http').createServer((q, r) => r.end('balancer')).listen(${port}, '127.0.0.1')
      .on('error', ({ code }) => console.log(code))`;
    const balancer = await skein.start({ app, name: 'api:balancer', frontOf: 'api' });
    await balancer.listens();
    assert.equal((await get(port)).body, 'balancer');
    const stranger = await skein.start({ app, name: 'other' });
    await stranger.printed(/EADDRINUSE/);
    const other = await skein.start({ app, name: 'x:balancer', frontOf: 'x' });
    await other.printed(/EADDRINUSE/);
  });
});
