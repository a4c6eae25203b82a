/** What became of every request. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FakeSupervisor } from '../../support/fake-supervisor.ts';
import { fakeSupervisor } from '../../support/fake-supervisor.ts';
import { rawClient } from '../../support/raw-client.ts';

const APP = `require('node:http').createServer((request, response) => {
  if (request.url === '/done') return void response.end('done');
  if (request.url === '/break') return void response.socket.destroy();
  if (request.url === '/begun') response.write('begun');
}).listen(0, '127.0.0.1')`;

let skein: FakeSupervisor;
before(async () => {
  skein = await fakeSupervisor();
});
after(() => skein.close());

describe('accounting', () => {
  it('answered, in flight, connections', async () => {
    const worker = await skein.start({ app: APP });
    const [one, two] = [await rawClient(await worker.port()), await rawClient(await worker.port())];
    await one.ask('/done', 'done');
    await one.ask('/done', 'done');
    two.get('/waits');
    const stats = await worker.stats(({ answered, inFlight }) => answered === 2 && inFlight === 1);
    assert.deepEqual([stats.connections, stats.reset, stats.truncated], [2, 0, 0]);
    assert.ok(stats.utilisation >= 0 && stats.utilisation <= 1);
    one.close();
    await worker.stats(({ connections }) => connections === 1);
    two.close();
  });

  it('reset: the connection ended without a response byte', async () => {
    const worker = await skein.start({ app: APP });
    const [broken, gone] = [await rawClient(await worker.port()), await rawClient(await worker.port())];
    broken.get('/break');
    await broken.untilEnd();
    gone.get('/waits');
    await worker.stats(({ inFlight }) => inFlight === 1);
    gone.close();
    const stats = await worker.stats(({ inFlight, reset }) => inFlight === 0 && reset === 2);
    assert.deepEqual([stats.answered, stats.truncated, stats.connections], [0, 0, 0]);
  });

  it('truncated: the response had begun', async () => {
    const worker = await skein.start({ app: APP });
    const client = await rawClient(await worker.port());
    client.get('/begun');
    await client.until(/begun/);
    client.close();
    const stats = await worker.stats(({ truncated }) => truncated === 1);
    assert.deepEqual([stats.answered, stats.reset, stats.inFlight], [0, 0, 0]);
  });

  it('pipelined requests that were lost are counted one by one', async () => {
    const worker = await skein.start({ app: APP });
    const client = await rawClient(await worker.port());
    client.get('/begun');
    client.get('/done');
    client.get('/waits');
    await client.until(/begun/);
    await worker.stats(({ inFlight }) => inFlight === 3);
    client.close();
    const stats = await worker.stats(({ inFlight, truncated }) => inFlight === 0 && truncated === 1);
    assert.deepEqual([stats.answered, stats.reset], [0, 2]);
  });

  it('says nothing while nothing changes', async () => {
    const worker = await skein.start({ app: APP });
    const client = await rawClient(await worker.port());
    await client.ask('/done', 'done');
    await worker.stats(({ answered, utilisation }) => answered === 1 && utilisation === 0);
    const { length } = worker.said;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(worker.said.length, length);
    client.close();
  });
});
