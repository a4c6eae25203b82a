/** The rules of a drain, one by one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { FakeSupervisor, FakeWorker, StartOptions } from '../../support/fake-supervisor.ts';
import { aWhile, fakeSupervisor } from '../../support/fake-supervisor.ts';
import { RawClient, rawClient } from '../../support/raw-client.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');

const PLAIN = `require('node:http').createServer((request, response) => response.end('done')).listen(0, '127.0.0.1')`;

/** `/slow` answers when SIGUSR2 comes. */
const SLOW = `const waiting = [];
  process.on('SIGUSR2', () => { for (const answer of waiting.splice(0)) answer(); });
  require('node:http').createServer((request, response) => {
    console.log('request', request.url);
    if (request.url === '/stream') response.write('begun ');
    if (request.url === '/now') response.end('now');
    else waiting.push(() => response.end('late'));
  }).listen(0, '127.0.0.1')`;

let skein: FakeSupervisor;
before(async () => {
  skein = await fakeSupervisor();
});
after(() => skein.close());

const start = (app: string, options: Partial<StartOptions> = {}): Promise<FakeWorker> =>
  skein.start({ app, ...options });

const drain = async (worker: FakeWorker, limitMs = 10_000): Promise<void> => {
  worker.send({ type: 'drain', limitMs });
  await worker.serves([]);
};

describe('drain of HTTP/1', () => {
  it('is over at once when nothing is open, and leaves the exit to SIGTERM', async () => {
    const worker = await start(`${PLAIN}.on('close', () => console.log('closed'));
      process.on('SIGTERM', () => process.exit(7))`);
    await drain(worker);
    assert.equal((await worker.heard('drained')).reason, 'empty');
    await worker.heard('closed');
    await aWhile();
    assert.equal(worker.process.exitCode, null);
    assert.equal(worker.output, '', 'the app has not been told that its server is closed');
    worker.process.kill();
    assert.equal((await worker.ended).code, 7);
  });

  it('leaves the app’s own shutdown as it is', async () => {
    const worker = await start(`const server = ${PLAIN};
      process.on('SIGTERM', () => {
        console.log(server.listening, server.address().port > 0);
        server.close((error) => { console.log('closed', error); process.exit(error ? 1 : 0); });
      })`);
    await drain(worker);
    await worker.heard('drained');
    worker.process.kill();
    assert.equal((await worker.ended).code, 0);
    assert.equal(worker.output, 'true true\nclosed undefined\n');
  });

  it('leaves an idle connection until its next request, which is answered', async () => {
    const worker = await start(PLAIN);
    const client = await rawClient(await worker.port());
    assert.match(await client.ask('/', 'done'), /connection: keep-alive\r\nkeep-alive: timeout=75/);
    await drain(worker);
    await aWhile();
    assert.equal(client.ended, false);
    assert.match(await client.ask('/', 'done'), /connection: close/);
    await client.untilEnd();
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual([reason, stats.answered, stats.reset, stats.truncated], ['empty', 2, 0, 0]);
  });

  for (const [name, code] of [
    ['setHeader', `response.setHeader('Connection', 'keep-alive'); response.end('done')`],
    [
      'writeHead with an object',
      `response.writeHead(200, { connection: 'keep-alive', 'Keep-Alive': 'timeout=9', 'X-Own': 'kept' }); response.end('done')`,
    ],
    [
      'writeHead with a list',
      `response.writeHead(200, ['Connection', 'keep-alive', 'X-Own', 'kept']); response.end('done')`,
    ],
    [
      'writeHead with pairs',
      `response.writeHead(200, [['Connection', 'keep-alive'], ['X-Own', 'kept']]); response.end('done')`,
    ],
    [
      'both',
      `response.setHeader('X-Own', 'kept'); response.writeHead(200, { Connection: 'keep-alive' }); response.end('done')`,
    ],
    ['removeHeader', `response.removeHeader('Connection'); response.end('done')`],
    ['flushHeaders', `response.flushHeaders(); response.end('done')`],
  ] as const) {
    it(`says close where the app says keep-alive by ${name}`, async () => {
      const worker = await start(`require('node:http').createServer((request, response) => {
        response.sendDate = false; response.setHeader; ${code} }).listen(0, '127.0.0.1')`);
      const client = await rawClient(await worker.port());
      client.get();
      await client.until(/done/);
      await drain(worker);
      client.received = '';
      client.get();
      await client.untilEnd();
      const head = client.received.split('\r\n\r\n')[0]!.toLowerCase();
      assert.equal(head.match(/connection: /g)?.length, 1, head);
      assert.match(head, /connection: close/);
      assert.doesNotMatch(head, /keep-alive/);
      if (code.includes('X-Own')) assert.match(head, /x-own: kept/);
      await worker.heard('drained', ({ reason }) => reason === 'empty');
    });
  }

  it('answers what is in flight, and says close there too', async () => {
    const worker = await start(SLOW);
    const client = await rawClient(await worker.port());
    client.get('/slow');
    await worker.printed(/request/);
    await drain(worker);
    worker.process.kill('SIGUSR2');
    await client.untilEnd();
    assert.match(client.received.toLowerCase(), /connection: close[^]*late/);
    assert.equal((await worker.heard('drained')).stats.answered, 1);
  });

  it('finishes a response that began before, and keeps its connection for one more request', async () => {
    const worker = await start(SLOW);
    const client = await rawClient(await worker.port());
    client.get('/stream');
    await client.until(/begun/);
    await drain(worker);
    worker.process.kill('SIGUSR2');
    await client.until(/late\r\n0\r\n\r\n/);
    assert.match(await client.ask('/now', 'now'), /connection: close/);
    await worker.heard('drained', ({ reason }) => reason === 'empty');
  });

  it('answers all pipelined requests and says close in the last response', async () => {
    const worker = await start(PLAIN);
    const client = await rawClient(await worker.port());
    await client.ask('/', 'done');
    await drain(worker);
    client.received = '';
    client.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(5));
    await client.untilEnd();
    const connection = [...client.received.matchAll(/Connection: ([\w-]+)/g)].map(([, value]) => value);
    assert.deepEqual(connection, ['keep-alive', 'keep-alive', 'keep-alive', 'keep-alive', 'close']);
    assert.equal((await worker.heard('drained')).stats.answered, 6);
  });

  it('answers pipelined requests that were in flight', async () => {
    const worker = await start(SLOW);
    const client = await rawClient(await worker.port());
    client.write('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(3));
    await worker.printed(/(request.*\n){3}/);
    await drain(worker);
    worker.process.kill('SIGUSR2');
    await client.untilEnd();
    assert.equal(client.received.match(/late/g)?.length, 3);
    assert.equal(client.received.match(/Connection: close/g)?.length, 1);
    assert.equal((await worker.heard('drained')).stats.answered, 3);
  });

  it('answers a request that had arrived in part when the one before was answered', async () => {
    const worker = await start(SLOW);
    const client = await rawClient(await worker.port());
    client.write('GET /slow HTTP/1.1\r\nHost: test\r\n\r\nGET /now HTTP/1.1\r\nHo');
    await worker.printed(/slow/);
    await drain(worker);
    worker.process.kill('SIGUSR2');
    await client.until(/late/);
    client.write('st: test\r\n\r\n');
    await client.untilEnd();
    assert.match(client.received, /late[^]*Connection: close[^]*now/);
  });

  it('does not run requests that come after a response has said close', async () => {
    const worker = await start(`require('node:http').createServer((request, response) => {
      if (request.url === '/warm') return void response.end('warm');
      console.log('request', request.url);
      response.flushHeaders();
      process.once('SIGUSR2', () => response.end('late'));
    }).listen(0, '127.0.0.1')`);
    const client = await rawClient(await worker.port());
    await client.ask('/warm', 'warm');
    await drain(worker);
    client.get('/first');
    await client.until(/close/);
    client.get('/second');
    await aWhile();
    worker.process.kill('SIGUSR2');
    await client.untilEnd();
    assert.equal(worker.output, 'request /first\n');
    const { stats } = await worker.heard('drained');
    assert.deepEqual([stats.answered, stats.reset, stats.truncated], [2, 0, 0]);
  });

  it('lets a client read the response to an upload that was not read', async () => {
    const worker = await start(`require('node:http').createServer((request, response) => {
      response.writeHead(request.method === 'GET' ? 200 : 413); response.end('too much');
    }).listen(0, '127.0.0.1')`);
    const client = await rawClient(await worker.port());
    await client.ask('/', 'too much\r\n0\r\n\r\n');
    client.received = '';
    await drain(worker);
    client.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 50000000\r\n\r\n');
    const sending = setInterval(() => client.write('x'.repeat(65_536)), 1);
    await client.until(/too much/);
    await client.untilEnd();
    clearInterval(sending);
    assert.equal(client.error, null);
    client.close();
    await worker.heard('drained', ({ stats }) => stats.answered === 2);
  });

  it('takes no connection once it drains; the queue is kept', async () => {
    const first = await start(PLAIN, { name: 'siblings', several: true });
    const port = await first.port();
    const client = await rawClient(port);
    await client.ask('/', 'done');
    await drain(first);
    const waiting = await rawClient(port);
    waiting.get();
    await aWhile();
    assert.equal(waiting.received, '');
    await start(PLAIN, { name: 'siblings', several: true });
    await waiting.until(/done/);
    client.close();
    waiting.close();
    await first.heard('drained');
  });

  it('ends idle connections and breaks the others at the limit, and counts them', async () => {
    const worker = await start(SLOW);
    const port = await worker.port();
    const [idle, waiting, begun] = await Promise.all([rawClient(port), rawClient(port), rawClient(port)]);
    await idle.ask('/now', 'now');
    waiting.get('/slow');
    begun.get('/stream');
    await begun.until(/begun/);
    await worker.printed(/\/slow/);
    worker.send({ type: 'drain', limitMs: 200 });
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual(
      [reason, stats.answered, stats.reset, stats.truncated, stats.inFlight, stats.connections],
      ['limit', 1, 1, 1, 0, 0],
    );
    await Promise.all([idle.untilEnd(), waiting.untilEnd(), begun.untilEnd()]);
    assert.equal(idle.error, null);
  });

  it('asked twice, keeps to the earlier limit', async () => {
    const worker = await start(PLAIN);
    const client = await rawClient(await worker.port());
    await client.ask('/', 'done');
    worker.send({ type: 'drain', limitMs: 60_000 });
    worker.send({ type: 'drain', limitMs: 100 });
    assert.equal((await worker.heard('drained')).reason, 'limit');
  });

  it('before the app listens: it never accepts', async () => {
    const worker = await start(
      `setTimeout(() => ${PLAIN}, 200); process.on('SIGTERM', () => process.exit(3))`,
    );
    worker.send({ type: 'drain', limitMs: 5_000 });
    await worker.heard('drained');
    await aWhile();
    await aWhile();
    assert.deepEqual([worker.listening.length, worker.serving.length], [0, 0]);
    worker.process.kill();
    assert.equal((await worker.ended).code, 3);
  });
});

describe('drain of an app that stops', () => {
  it('ends idle connections and sessions at once, and answers what is in flight', async () => {
    const worker = await start(`${SLOW};
      require('node:http2').createServer((request, response) => response.end('done')).listen(0, '127.0.0.1')`);
    await worker.listens(1);
    const kinds = worker.listening.map(({ kind }) => kind);
    const port = await worker.port(kinds.indexOf('http'));
    const [idle, busy] = [await rawClient(port), await rawClient(port)];
    await idle.ask('/now', 'now');
    const session = connectHttp2(`http://127.0.0.1:${await worker.port(kinds.indexOf('http2'))}`);
    await text(session.request());
    busy.get('/slow');
    await worker.printed(/slow/);
    const closed = once(session, 'close');
    worker.send({ type: 'drain', limitMs: 10_000, closeIdle: true });
    await Promise.all([idle.untilEnd(), closed]);
    assert.equal(busy.ended, false);
    worker.process.kill('SIGUSR2');
    await busy.until(/late/);
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual([reason, stats.answered, stats.reset, stats.truncated], ['empty', 3, 0, 0]);
  });
});

describe('drain of other protocols', () => {
  it('HTTP/2: open streams are answered; the next ones too, with GOAWAY', async () => {
    const worker = await start(`require('node:http2').createServer((request, response) => {
      if (request.url === '/now') return void response.end('now');
      process.once('SIGUSR2', () => response.end('late'));
      console.log('request');
    }).listen(0, '127.0.0.1')`);
    const session = connectHttp2(`http://127.0.0.1:${await worker.port()}`);
    const late = session.request();
    await worker.printed(/request/);
    await drain(worker);
    const goaway = once(session, 'goaway');
    const next = [1, 2, 3].map(() => session.request({ ':path': '/now' }));
    assert.deepEqual(await Promise.all(next.map((stream) => text(stream))), ['now', 'now', 'now']);
    assert.equal((await goaway)[0], constants.NGHTTP2_NO_ERROR);
    worker.process.kill('SIGUSR2');
    assert.equal(await text(late), 'late');
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual([reason, stats.answered, stats.reset, stats.truncated], ['empty', 4, 0, 0]);
  });

  it('HTTP/2: no stream of a busy client is lost', async () => {
    const worker = await start(
      `require('node:http2').createServer((request, response) => response.end('done')).listen(0, '127.0.0.1')`,
    );
    const port = await worker.port();
    // One request after the other, until the session says that there are to be no more.
    const client = async (): Promise<number> => {
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      let answers = 0;
      while (!session.closed && !session.destroyed) {
        assert.equal(await text(session.request()), 'done');
        answers++;
      }
      return answers;
    };
    const clients = [1, 2, 3, 4].map(() => client());
    await worker.stats(({ answered }) => answered > 100);
    await drain(worker);
    const answers = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual([reason, stats.answered, stats.reset, stats.truncated], ['empty', answers, 0, 0]);
  });

  it('HTTP/2: an idle session is closed with GOAWAY', async () => {
    const worker = await start(
      `require('node:http2').createServer((request, response) => response.end('done')).listen(0, '127.0.0.1')`,
    );
    const session = connectHttp2(`http://127.0.0.1:${await worker.port()}`);
    await text(session.request());
    const goaway = once(session, 'goaway');
    await drain(worker);
    await goaway;
    assert.equal((await worker.heard('drained')).reason, 'empty');
  });

  it('HTTP/2 over TLS, with an HTTP/1 client beside it', async () => {
    const worker = await start(`const { readFileSync } = require('node:fs');
      const certificate = { cert: readFileSync('${tls}/cert.pem'), key: readFileSync('${tls}/key.pem') };
      require('node:http2').createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) =>
        response.end('done')).listen(0, '127.0.0.1')`);
    const port = await worker.port();
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    await text(session.request());
    const old = new RawClient(
      connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }),
    );
    assert.match(await old.ask('/', 'done'), /keep-alive/);
    const closed = once(session, 'close');
    await drain(worker);
    await closed;
    assert.match(await old.ask('/', 'done'), /connection: close/);
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual([reason, stats.answered], ['empty', 3]);
  });

  it('HTTP/2: streams that are open at the limit are counted', async () => {
    const worker = await start(`require('node:http2').createServer((request, response) => {
      if (request.url === '/begun') response.write('x');
      console.log('request');
    }).listen(0, '127.0.0.1')`);
    const session = connectHttp2(`http://127.0.0.1:${await worker.port()}`);
    session.on('error', () => {});
    for (const path of ['/', '/begun'])
      session
        .request({ ':path': path })
        .on('error', () => {})
        .resume();
    await worker.printed(/request\nrequest/);
    worker.send({ type: 'drain', limitMs: 100 });
    const { reason, stats } = await worker.heard('drained');
    assert.deepEqual([reason, stats.answered, stats.reset, stats.truncated], ['limit', 0, 1, 1]);
  });

  it('net: connections go on until they end', async () => {
    const worker = await start(
      `require('node:net').createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')`,
    );
    const client = await rawClient(await worker.port());
    client.write('one');
    await client.until(/one/);
    await drain(worker);
    client.write('two');
    await client.until(/two/);
    client.socket.end();
    assert.equal((await worker.heard('drained')).reason, 'empty');
  });

  const UPGRADES = `require('node:http').createServer().on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: ' + request.headers.upgrade + '\\r\\n\\r\\n');
    socket.on('data', (data) => { console.log(data.toString('hex')); if (data[0] === 0x88) socket.end(data); });
    socket.on('end', () => socket.end());
  }).listen(0, '127.0.0.1')`;

  it('WebSockets are told to go away with 1001', async () => {
    const worker = await start(UPGRADES);
    const clients = [];
    for (let count = 0; count < 3; count++) {
      const client = await rawClient(await worker.port());
      client.get('/', ['Connection: Upgrade', 'Upgrade: WebSocket']);
      await client.until(/\r\n\r\n/);
      clients.push(client);
    }
    await drain(worker);
    for (const client of clients) {
      await client.untilText('\x88\x02\x03\xe9');
      client.write('\x88\x82\x00\x00\x00\x00\x03\xe9');
      await client.untilEnd();
    }
    assert.equal((await worker.heard('drained')).reason, 'empty');
  });

  it('other upgraded connections are left until the limit', async () => {
    const worker = await start(UPGRADES);
    const client = await rawClient(await worker.port());
    client.get('/', ['Connection: Upgrade', 'Upgrade: own']);
    await client.until(/\r\n\r\n/);
    client.received = '';
    worker.send({ type: 'drain', limitMs: 300 });
    assert.equal((await worker.heard('drained')).reason, 'limit');
    await client.untilEnd();
    assert.equal(client.received, '');
  });

  it('upgrade requests to an app without an upgrade listener stay ordinary requests', async () => {
    const worker = await start(`const server = ${PLAIN}; const noop = () => {};
      server.on('upgrade', noop); server.off('upgrade', noop); console.log(server.listenerCount('upgrade'))`);
    await worker.printed(/^0\n/);
    const client = await rawClient(await worker.port());
    client.get('/', ['Connection: Upgrade', 'Upgrade: websocket']);
    await client.until(/200 OK[^]*done/);
    client.close();
  });

  it('dgram: datagrams are left to the others', async () => {
    const worker = await start(`const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', () => console.log('message'));
      socket.bind(${21_000 + Math.floor(Math.random() * 10_000)}, '127.0.0.1');
      process.on('SIGTERM', () => { socket.close(); process.exitCode = 4; })`);
    await worker.listens();
    await drain(worker);
    assert.equal((await worker.heard('drained')).reason, 'empty');
    await aWhile();
    worker.process.kill();
    assert.equal((await worker.ended).code, 4);
  });
});
