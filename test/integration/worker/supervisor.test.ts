/** What the supervisor asks of a worker, and how the two find each other again. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FakeSupervisor } from '../../support/fake-supervisor.ts';
import { aWhile, fakeSupervisor } from '../../support/fake-supervisor.ts';
import { get } from '../../support/http.ts';
import { rawClient } from '../../support/raw-client.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');
const CERTIFICATE = `const { readFileSync } = require('node:fs');
  const certificate = { cert: readFileSync('${tls}/cert.pem'), key: readFileSync('${tls}/key.pem') };`;

let skein: FakeSupervisor;
before(async () => {
  skein = await fakeSupervisor();
});
after(() => skein.close());

describe('the control connection', () => {
  it('begins with who and where the worker is', async () => {
    const worker = await skein.start({ app: `setInterval(() => {}, 1000)`, ready: { kind: 'started' } });
    const hello = await worker.heard('hello');
    assert.deepEqual(
      [hello.pid, hello.id, hello.node, hello.phase],
      [worker.pid, worker.tag.id, process.version, 'starting'],
    );
  });

  it('comes back with the whole story after a supervisor’s death', async () => {
    const worker = await skein.start({
      app: `require('node:http').createServer((q, r) => r.end('done')).listen(0, '127.0.0.1')`,
    });
    await get(await worker.port());
    await worker.serves([0]);
    for (const round of [1, 2, 3]) {
      const before = worker.said.length;
      worker.hangUp();
      await worker.heard('hello', (hello) => worker.said.indexOf(hello) >= before);
      const hello = worker.said.slice(before).find(({ type }) => type === 'hello') as Extract<
        (typeof worker.said)[0],
        { type: 'hello' }
      >;
      assert.deepEqual(
        [hello.phase, hello.listening.length, hello.serving.length, hello.stats.answered],
        ['ready', 1, 1, 1],
        `round ${round}`,
      );
    }
    const client = await rawClient(await worker.port());
    await client.ask('/', 'done');
    worker.send({ type: 'drain', limitMs: 5_000 });
    await worker.serves([]);
    worker.hangUp();
    await worker.heard('hello', ({ phase }) => phase === 'draining');
    client.close();
    await worker.heard('drained');
    worker.hangUp();
    await worker.heard('hello', ({ phase }) => phase === 'drained');
  });

  it('keeps what the app said meanwhile', async () => {
    const worker = await skein.start({
      ready: { kind: 'message' },
      app: `process.on('SIGUSR2', () => { process.send({ while: 'away' }); process.send('ready'); }); setInterval(() => {}, 1000)`,
    });
    await skein.away(async () => {
      await aWhile();
      worker.process.kill('SIGUSR2');
      await aWhile();
    });
    await worker.heard('message');
    await worker.heard('ready');
    // It is ready when the supervisor lets it in; until then each one hears what it said.
    await worker.heard('hello', ({ phase, declaredReady }) => phase === 'starting' && declaredReady === true);
  });
});

describe('a stop by message', () => {
  it('is emitted for the app, once', async () => {
    const worker = await skein.start({
      app: `process.on('message', (message) => console.log('got', message));
process.on('SIGTERM', () => console.log('a signal'));
setInterval(() => {}, 1000);`,
    });
    worker.send({ type: 'shutdown' });
    await worker.printed(/got shutdown/);
    worker.send({ type: 'shutdown' });
    worker.send({ type: 'drain', limitMs: 1_000 });
    await worker.heard('drained');
    assert.equal(worker.output, 'got shutdown\n');
  });

  it('reaches an app that listens to its cluster worker', async () => {
    const worker = await skein.start({
      several: true,
      app: `require('node:cluster').worker.on('message', (message) => process.exit(message === 'shutdown' ? 7 : 8));
setInterval(() => {}, 1000);`,
    });
    worker.send({ type: 'shutdown' });
    assert.equal((await worker.ended).code, 7);
  });

  it('is a SIGTERM for an app that listens to no messages', async () => {
    const worker = await skein.start({ app: `setInterval(() => {}, 1000)` });
    worker.send({ type: 'shutdown' });
    assert.equal((await worker.ended).signal, 'SIGTERM');
  });
});

describe('beats', () => {
  it('come while they are asked for', async () => {
    const worker = await skein.start({ app: `setInterval(() => {}, 1000)` });
    const beats = (): number => worker.said.filter(({ type }) => type === 'beat').length;
    worker.send({ type: 'beat', on: true });
    await worker.heard('beat', () => beats() >= 4);
    worker.send({ type: 'beat', on: false });
    await aWhile();
    const before = beats();
    await aWhile();
    assert.equal(beats(), before);
  });
});

describe('the probe', () => {
  const APP = `(request, response) => { response.statusCode = request.url === '/health' ? 204 : 503; response.end(request.headers.host); }`;
  for (const [kind, app] of [
    ['http', `require('node:http').createServer(${APP})`],
    ['https', `${CERTIFICATE} require('node:https').createServer(certificate, ${APP})`],
    ['http2', `require('node:http2').createServer(${APP})`],
    ['http2 over TLS', `${CERTIFICATE} require('node:http2').createSecureServer(certificate, ${APP})`],
  ] as const) {
    it(`asks an ${kind} server behind the closed gate`, async () => {
      const worker = await skein.start({
        ready: { kind: 'http', path: '/health' },
        app: `${app}.listen(0, '127.0.0.1')`,
      });
      await worker.listens();
      worker.send({ type: 'probe', path: '/health', timeoutMs: 1_000 });
      await worker.heard('probed', ({ status }) => status === 204);
      worker.send({ type: 'probe', path: '/other', timeoutMs: 1_000 });
      await worker.heard('probed', ({ status }) => status === 503);
      const { stats } =
        worker.said.findLast((message) => message.type === 'stats') ?? (await worker.heard('hello'));
      assert.deepEqual([stats.answered, stats.inFlight, stats.connections], [0, 0, 0]);
      assert.equal(worker.errors, '');
      worker.send({ type: 'drain', limitMs: 1_000 });
      assert.equal((await worker.heard('drained')).stats.reset, 0);
    });
  }

  it('says why there is no answer', async () => {
    const worker = await skein.start({
      app: `let server; process.on('SIGUSR2', () => { server = require('node:http').createServer((q, r) => {
        if (q.url === '/broken') r.socket.destroy(); }).listen(0, '127.0.0.1') }); setInterval(() => {}, 1000)`,
    });
    worker.send({ type: 'probe', path: '/', timeoutMs: 1_000 });
    await worker.heard('probed', ({ reason }) => /no HTTP server/.test(reason ?? ''));
    worker.process.kill('SIGUSR2');
    await worker.listens();
    worker.send({ type: 'probe', path: '/', timeoutMs: 100 });
    await worker.heard('probed', ({ reason }) => /within 100 ms/.test(reason ?? ''));
    worker.send({ type: 'probe', path: '/broken', timeoutMs: 1_000 });
    await worker.heard('probed', ({ reason }) => /closed without an answer/.test(reason ?? ''));
  });
});

describe('a hang', () => {
  it('is reported with the stack in which it is, and the loop goes on', async () => {
    const worker = await skein.start({
      hangTimeoutMs: 1_000,
      app: `const spinHere = () => { const end = Date.now() + 2500; while (Date.now() < end); };
process.on('SIGUSR2', () => {
  spinHere();
  console.log('over');
});
setInterval(() => {}, 1000);`,
    });
    worker.process.kill('SIGUSR2');
    const { stack, blockedMs, id } = await worker.heard('hang');
    assert.equal(id, worker.tag.id);
    assert.match(stack, /^at spinHere \(.*\.cjs:1:\d+\)\nat .*\.cjs:3:\d+/);
    assert.ok(blockedMs >= 700 && blockedMs < 1_000, String(blockedMs));
    await worker.printed(/over/);
    assert.equal(worker.said.filter(({ type }) => type === 'hang').length, 1);
    assert.equal(worker.errors, '');
  });

  it('outside of JavaScript it says so', async () => {
    const worker = await skein.start({
      hangTimeoutMs: 500,
      app: `process.on('SIGUSR2', () => require('node:child_process').execSync('sleep 2')); setInterval(() => {}, 1000)`,
    });
    worker.process.kill('SIGUSR2');
    assert.match((await worker.heard('hang')).stack, /no stack: .*system call/);
  });

  it('the watch keeps no process alive and changes no exit code', async () => {
    const worker = await skein.start({
      hangTimeoutMs: 300,
      noHello: true,
      app: `setTimeout(() => { process.exitCode = 5 }, 200)`,
    });
    assert.equal((await worker.ended).code, 5);
    assert.equal(worker.errors, '');
  });
});
