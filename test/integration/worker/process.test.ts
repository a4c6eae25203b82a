/** To the app a worker is a plain Node program. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FakeSupervisor, StartOptions } from '../../support/fake-supervisor.ts';
import { aWhile, fakeSupervisor } from '../../support/fake-supervisor.ts';
import { get } from '../../support/http.ts';

let skein: FakeSupervisor;
before(async () => {
  skein = await fakeSupervisor();
});
after(() => skein.close());

for (const several of [false, true]) {
  describe(several ? 'one of several workers' : 'the only worker', () => {
    const run = (app: string, options: Partial<StartOptions> = {}) =>
      skein.start({ app, several, noHello: true, ...options });

    it('ends when there is nothing left to do, also with timers, promises and files in between', async () => {
      const worker = await run(
        `setTimeout(() => require('node:fs').promises.readFile(__filename).then(() => console.log('over')), 50)`,
      );
      assert.deepEqual(await worker.ended, { code: 0, signal: null });
      assert.equal(worker.output, 'over\n');
      assert.equal(worker.errors, '');
    });

    it('has the exit code of the app', async () => {
      const codes = await Promise.all(
        [
          `process.exit(3)`,
          `process.exitCode = 4`,
          `throw new Error('x')`,
          `Promise.reject(new Error('x'))`,
          `require('./none')`,
        ].map(async (app) => (await (await run(app)).ended).code),
      );
      assert.deepEqual(codes, [3, 4, 1, 1, 1]);
    });

    it('dies of signals as ever', async () => {
      const worker = await run(`console.log('up'); setInterval(() => {}, 1000)`);
      await worker.printed(/up/);
      worker.process.kill('SIGTERM');
      assert.deepEqual(await worker.ended, { code: null, signal: 'SIGTERM' });
    });

    it('sees nothing of Skein in its flags, arguments and environment', async () => {
      const worker = await run(
        `console.log(JSON.stringify([process.execArgv, process.argv.slice(2), process.argv[1] === __filename, require.main === module,
          Object.keys(process.env).sort(), process.listenerCount('message'), process.listenerCount('disconnect')]))`,
        { nodeArgs: ['--no-deprecation'], args: ['a', '--b'], env: { OWN: '1' } },
      );
      await worker.ended;
      assert.deepEqual(JSON.parse(worker.output), [
        ['--no-deprecation'],
        ['a', '--b'],
        true,
        true,
        ['OWN', 'PATH'],
        0,
        0,
      ]);
      assert.equal(worker.errors, '');
    });

    it('ESM, and TypeScript of both kinds', async () => {
      for (const as of ['mjs', 'mts', 'ts'] as const) {
        const typed = as === 'mjs' ? '' : ': string';
        const main = process.versions.node.startsWith('22') ? 'true' : 'import.meta.main';
        const worker = await run(
          as === 'ts'
            ? `const text: string = 'ran'; console.log(text, require.main === module)`
            : `import { basename } from 'node:path'; const text${typed} = 'ran'; console.log(text, ${main}, basename(process.argv[1]).endsWith('.${as}'))`,
          { as },
        );
        assert.equal((await worker.ended).code, 0, worker.errors);
        assert.match(worker.output, /^ran true/);
      }
    });

    it('threads and children of the app are no workers', async () => {
      const worker = await run(`const { Worker, isMainThread } = require('node:worker_threads');
        const { fork } = require('node:child_process');
        if (process.argv[2] === 'child') console.log('child', typeof process.send, process.execArgv.length);
        else new Worker('console.log("thread", process.env.SKEIN_BOOT)', { eval: true }).on('exit', () => fork(__filename, ['child']))`);
      assert.equal((await worker.ended).code, 0);
      assert.equal(worker.output, 'thread undefined\nchild function 0\n');
    });

    it('outlives the holder and goes on serving', async () => {
      const worker = await run(`process.on('disconnect', () => console.log('disconnected'));
        require('node:http').createServer((q, r) => r.end('here ' + process.connected)).listen(0, '127.0.0.1')`);
      const port = await worker.port();
      worker.process.disconnect();
      await aWhile();
      assert.equal((await get(port)).body, 'here true');
      assert.equal(worker.output, '');
    });

    it('listen after the end of the holder is an error', async () => {
      const worker = await run(`setTimeout(() => require('node:http').createServer()
        .on('error', ({ code }) => console.log(code)).listen(0, '127.0.0.1'), 200)`);
      worker.process.disconnect();
      await worker.printed(/ENOTCONN/);
    });

    it('process.send reaches the supervisor, with callback and checks as in Node', async () => {
      const worker = await run(`process.send({ a: [1] }, (error) => console.log('callback', error));
        try { process.send(undefined) } catch (error) { console.log(error.code) }
        try { process.send(() => {}) } catch (error) { console.log(error.code) }
        console.log(process.send('text'));
        setTimeout(() => {}, 300)`);
      await worker.heard('message', ({ message }) => message === 'text');
      assert.deepEqual((await worker.heard('message')).message, { a: [1] });
      await worker.printed(/ERR_MISSING_ARGS\nERR_INVALID_ARG_TYPE\ntrue\ncallback null/);
    });

    it('messages to the app arrive where it listens for them', async () => {
      const worker = await run(`const { worker } = require('node:cluster');
        (worker ?? process).on('message', (message) => { console.log('got', message); process.exit(); })`);
      await worker.heard('hello');
      worker.process.send('hello');
      assert.equal((await worker.ended).code, 0);
      assert.equal(worker.output, 'got hello\n');
    });
  });
}

describe('leaving', () => {
  const SERVER = `const server = require('node:http').createServer((q, r) => setTimeout(() => r.end('done'), 300)).listen(0, '127.0.0.1');
    const { worker } = require('node:cluster');`;

  for (const call of ['worker.disconnect()', 'worker.kill()', 'worker.destroy()', 'process.disconnect()']) {
    it(`${call} drains, then ends`, async () => {
      const worker = await skein.start({
        several: true,
        app: `${SERVER} process.on('SIGUSR2', () => { ${call}; console.log(worker.exitedAfterDisconnect); });
          worker.on('disconnect', () => console.log('disconnected'))`,
      });
      const answer = get(await worker.port());
      await worker.stats(({ inFlight }) => inFlight === 1).catch(() => {});
      worker.process.kill('SIGUSR2');
      assert.equal((await answer).body, 'done');
      assert.deepEqual(await worker.ended, { code: 0, signal: null });
      assert.equal(worker.output, 'true\ndisconnected\n');
    });
  }

  it('process.disconnect() of the only worker lets go of the parent, nothing else', async () => {
    const worker = await skein.start({
      app: `process.on('disconnect', () => {
          console.log('disconnected', process.connected);
          require('node:http').createServer((q, r) => r.end('here')).listen(0, '127.0.0.1');
        });
        process.disconnect()`,
    });
    await worker.printed(/disconnected false/);
    assert.equal((await get(await worker.port())).body, 'here');
  });
});
