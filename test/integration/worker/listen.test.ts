/** Every kind of server and address, in the form in which an unmodified app asks for it. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { FakeSupervisor } from '../../support/fake-supervisor.ts';
import { aWhile, fakeSupervisor } from '../../support/fake-supervisor.ts';
import { get } from '../../support/http.ts';
import { freePort } from '../../support/ports.ts';
import { rawClient } from '../../support/raw-client.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');
const CERTIFICATE = `const { readFileSync } = require('node:fs');
const certificate = { cert: readFileSync('${tls}/cert.pem'), key: readFileSync('${tls}/key.pem') };`;

for (const several of [false, true]) {
  describe(several ? 'listen in one of several workers' : 'listen in the only worker', () => {
    let skein: FakeSupervisor;
    before(async () => {
      skein = await fakeSupervisor();
    });
    after(() => skein.close());

    const start = (app: string) => skein.start({ app, several });

    it('http', async () => {
      const worker = await start(
        `require('node:http').createServer((q, r) => r.end('http')).listen(${await freePort()})`,
      );
      assert.equal((await worker.listens()).kind, 'http');
      assert.match((await worker.listens()).address, /^\[::\]:\d+$/);
      assert.equal((await get(await worker.port())).body, 'http');
    });

    it('https', async () => {
      const worker = await start(`${CERTIFICATE}
        require('node:https').createServer(certificate, (q, r) => r.end('https')).listen(${await freePort()}, '127.0.0.1')`);
      assert.equal((await worker.listens()).kind, 'https');
      const request = httpsRequest({
        port: await worker.port(),
        host: '127.0.0.1',
        rejectUnauthorized: false,
        agent: false,
      }).end();
      const [response] = await once(request, 'response');
      assert.equal(await text(response), 'https');
    });

    it('http2', async () => {
      const worker = await start(
        `require('node:http2').createServer((q, r) => r.end('http2')).listen(${await freePort()}, '127.0.0.1')`,
      );
      assert.equal((await worker.listens()).kind, 'http2');
      const session = connectHttp2(`http://127.0.0.1:${await worker.port()}`);
      assert.equal(await text(session.request()), 'http2');
      session.close();
      assert.equal((await worker.stats(({ answered }) => answered === 1)).reset, 0);
    });

    it('net and tls', async () => {
      const worker = await start(`${CERTIFICATE}
        require('node:net').createServer((s) => s.end('net')).listen(${await freePort()}, '127.0.0.1', () =>
          require('node:tls').createServer(certificate, (s) => s.end('tls')).listen(${await freePort()}, '127.0.0.1'))`);
      await worker.listens(1);
      assert.deepEqual(
        worker.listening.map(({ kind }) => kind),
        ['net', 'tls'],
      );
      await (await rawClient(await worker.port(0))).until(/net/);
      const socket = connectTls({ port: await worker.port(1), host: '127.0.0.1', rejectUnauthorized: false });
      assert.equal(await text(socket), 'tls');
    });

    it('dgram', async () => {
      const worker = await start(`const socket = require('node:dgram').createSocket('udp4');
        socket.on('message', (message, from) => socket.send('udp ' + message, from.port, from.address));
        socket.bind(${await freePort()}, '127.0.0.1', () => console.log('bound', socket.address().port))`);
      assert.equal((await worker.listens()).kind, 'udp');
      const port = await worker.port();
      await worker.printed(new RegExp(`bound ${port}`));
      const client = createSocket('udp4');
      client.send('hello', port, '127.0.0.1');
      const [answer] = await once(client, 'message');
      assert.equal(String(answer), 'udp hello');
      client.close();
      assert.equal(
        skein.listeners.list().filter(({ type, address }) => type === 'udp' && address.endsWith(`:${port}`))
          .length,
        1,
      );
    });

    it('dgram on an address in use', async () => {
      const taken = createSocket('udp4');
      taken.bind(0, '127.0.0.1');
      await once(taken, 'listening');
      const worker = await start(`const socket = require('node:dgram').createSocket('udp4');
        socket.on('error', ({ code, syscall, port }) => console.log(code, syscall, port));
        socket.bind(${taken.address().port}, '127.0.0.1')`);
      await worker.printed(new RegExp(`EADDRINUSE bind ${taken.address().port}`));
      taken.close();
    });

    it('dgram clients keep sockets of their own', async () => {
      const worker = await start(`const socket = require('node:dgram').createSocket('udp4');
        socket.send('x', 9, '127.0.0.1', () => { console.log('sent'); socket.close(); })`);
      await worker.printed(/sent/);
      assert.equal((await worker.ended).code, 0);
      assert.equal(worker.listening.length, 0);
    });

    it('a unix path, from another directory, open to all', async () => {
      const path = join(skein.dir, several ? 'several.sock' : 'one.sock');
      const worker = await skein.start({
        several,
        app: `process.chdir('${skein.dir}');
          const server = require('node:http').createServer((q, r) => r.end('unix'));
          server.listen({ path: '${several ? 'several' : 'one'}.sock', readableAll: true, writableAll: true }, () => console.log(server.address()))`,
      });
      await worker.printed(/(several|one)\.sock/);
      assert.equal((await get(0, '/', { socketPath: path })).body, 'unix');
      const { statSync } = await import('node:fs');
      assert.equal(statSync(path).mode & 0o666, 0o666);
    });

    it('IPv6 and a host name', async () => {
      const worker = await start(`const http = require('node:http');
        http.createServer((q, r) => r.end('six')).listen(${await freePort()}, '::1', () =>
          http.createServer((q, r) => r.end('name')).listen(${await freePort()}, 'localhost'))`);
      await worker.listens(1);
      assert.match(worker.listening[0]!.address, /^\[::1\]:/);
      assert.equal((await get(await worker.port(0), '/', { host: '::1' })).body, 'six');
      assert.equal((await get(await worker.port(1), '/', { host: 'localhost' })).body, 'name');
    });

    it('answers address() and listening at once, as plain Node does', async () => {
      const port = await freePort();
      const worker = await start(`const server = require('node:http').createServer().listen(${port});
        console.log(server.listening, server.address().port);
        try { server.listen(1) } catch (error) { console.log(error.code) }`);
      await worker.printed(new RegExp(`true ${port}\nERR_SERVER_ALREADY_LISTEN`));
    });

    it('an address in use is EADDRINUSE', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const worker = await start(`const server = require('node:http').createServer();
        server.on('error', ({ code, port }) => console.log(code, port, server.listening));
        server.listen(${port}, '127.0.0.1')`);
      await worker.printed(new RegExp(`EADDRINUSE ${port} false`));
      taken.close();
    });

    it('two servers of one worker on one address', async () => {
      const port = await freePort();
      const worker = await start(`const http = require('node:http');
        http.createServer().listen(${port}, '127.0.0.1', () => {
          http.createServer().on('error', ({ code }) => console.log(code)).listen(${port}, '127.0.0.1');
        })`);
      await worker.printed(/EADDRINUSE/);
    });

    it('two servers with listen(0) have two ports', async () => {
      const worker = await start(`const http = require('node:http');
        http.createServer().listen(0, '127.0.0.1', () => http.createServer().listen(0, '127.0.0.1'))`);
      await worker.listens(1);
      assert.notEqual(await worker.port(0), await worker.port(1));
    });

    it('closes and listens again, also before the socket has come', async () => {
      const port = await freePort();
      const worker = await start(`const http = require('node:http');
        const first = http.createServer((q, r) => r.end('first')).listen(${port});
        first.close();
        const second = http.createServer((q, r) => r.end('second')).listen(${port}, () => second.close(() => {
          second.listen(${port}, () => console.log('again', second.address().port));
        }))`);
      await worker.printed(new RegExp(`again ${port}`));
      const answer = await get(port);
      assert.equal(answer.body, 'second');
    });

    it('reusePort lets another program in', async () => {
      const port = await freePort();
      const worker = await start(
        `require('node:http').createServer((q, r) => r.end('shared')).listen({ port: ${port}, host: '127.0.0.1', reusePort: true })`,
      );
      await worker.listens();
      const other = createServer((socket) => socket.end());
      other.listen({ port, host: '127.0.0.1', reusePort: true });
      await once(other, 'listening');
      other.close();
    });

    it('an idle server that is unref’d does not keep the process', async () => {
      const worker = await skein.start({
        several,
        noHello: true,
        app: `require('node:http').createServer().listen(0, '127.0.0.1').unref()`,
      });
      assert.equal((await worker.ended).code, 0);
    });

    it('a handle that the app brings', async () => {
      const worker = await start(`const net = require('node:net');
        const handle = net._createServerHandle('127.0.0.1', 0, 4);
        require('node:http').createServer((q, r) => r.end('own handle')).listen(handle)`);
      assert.equal((await get(await worker.port())).body, 'own handle');
      assert.deepEqual(worker.serving, []);
    });
  });
}

describe('listen in several workers', () => {
  let skein: FakeSupervisor;
  before(async () => {
    skein = await fakeSupervisor();
  });
  after(() => skein.close());

  for (const accept of ['shared', 'per-worker'] as const) {
    it(`listen(0) is one port for all (${accept})`, async () => {
      const app = `require('node:http').createServer((q, r) => r.end()).listen(0, '127.0.0.1')`;
      const workers = [];
      for (const slot of [0, 1, 2])
        workers.push(await skein.start({ app, name: accept, several: true, slot, accept }));
      const ports = await Promise.all(workers.map((worker) => worker.port()));
      assert.equal(new Set(ports).size, 1);
      for (const [slot, worker] of workers.entries()) await worker.serves([accept === 'shared' ? 0 : slot]);
    });
  }

  it('exclusive is one worker’s alone', async () => {
    const port = await freePort();
    const app = `require('node:http').createServer((q, r) => r.end())
      .on('error', ({ code }) => console.log(code)).listen({ port: ${port}, host: '127.0.0.1', exclusive: true })`;
    const first = await skein.start({ app, name: 'exclusive', several: true, slot: 0 });
    assert.equal(await first.port(), port);
    const second = await skein.start({ app, name: 'exclusive', several: true, slot: 1 });
    await second.printed(/EADDRINUSE/);
  });

  it('shares TLS session tickets', async () => {
    const app = `${CERTIFICATE}
      const server = require('node:tls').createServer(certificate, (s) => s.end()).listen(0, '127.0.0.1', () =>
        console.log('keys', server.getTicketKeys().toString('hex')))`;
    const keys = [];
    for (const slot of [0, 1]) {
      const worker = await skein.start({ app, name: 'tls', several: true, slot });
      keys.push((await worker.printed(/keys (\w+)/))[1]);
    }
    assert.equal(keys[0], keys[1]);
  });

  it('the app is told that it is a cluster worker', async () => {
    const worker = await skein.start({
      several: true,
      slot: 2,
      app: `const cluster = require('node:cluster');
        console.log(cluster.isWorker, cluster.isPrimary, cluster.worker.id, process.env.NODE_UNIQUE_ID);
        setInterval(() => {}, 1000)`,
    });
    await worker.printed(/true false 3 undefined/);
  });
});

describe('the only worker', () => {
  let skein: FakeSupervisor;
  before(async () => {
    skein = await fakeSupervisor();
  });
  after(() => skein.close());

  it('may have a cluster of its own', async () => {
    const worker = await skein.start({
      app: `const cluster = require('node:cluster');
        if (cluster.isPrimary) for (const _ of [1, 2]) cluster.fork();
        else require('node:http').createServer((q, r) => r.end(process.execArgv.join() + ' ' + process.pid)).listen(0, '127.0.0.1');`,
    });
    const port = await worker.port();
    const bodies = new Set<string>();
    while (bodies.size < 2) bodies.add((await get(port)).body);
    assert.ok(
      [...bodies].every((body) => /^ \d+$/.test(body)),
      'its workers have no flags of ours',
    );
    worker.send({ type: 'drain', limitMs: 1_000 });
    assert.equal((await worker.heard('drained')).reason, 'empty');
    worker.process.kill();
    await worker.ended;
  });

  it('binds a dgram client to a port of its own', async () => {
    const worker = await skein.start({
      app: `const socket = require('node:dgram').createSocket('udp4');
        socket.bind(() => console.log('port', socket.address().port))`,
    });
    await worker.printed(/port \d+/);
    await aWhile();
    assert.deepEqual(
      skein.listeners.list().filter(({ type }) => type === 'udp'),
      [],
    );
  });
});
