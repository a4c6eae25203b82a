import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { sendTraffic } from '../lib/open-loop.ts';
import { seededRandom } from '../lib/random.ts';

test('a stall shows in every request that was due meanwhile, not only in the one that hit it', async () => {
  // Answers nothing that arrives in its first 300 ms before they are over.
  const opens = performance.now() + 300;
  const server = createServer((_request, response) => {
    setTimeout(() => response.end('ok\n'), Math.max(0, opens - performance.now()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answers = await sendTraffic({
    port,
    seconds: 0.5,
    requestsPerSecond: 100,
    seed: 7,
    connections: 'close',
    path: () => '/',
  });
  server.close();
  const latencies = answers.map(({ latencyMs }) => latencyMs ?? Infinity);
  assert.ok(latencies.every((latency) => latency < 1000));
  assert.ok(latencies.filter((latency) => latency > 100).length >= 10);
});

test('requests that fail are answers too', async () => {
  const server = createServer((request) => request.socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const traffic = { port, seconds: 0.1, requestsPerSecond: 100, seed: 7, path: () => '/' } as const;
  const answers = await sendTraffic({ ...traffic, connections: 'close' });
  server.close();
  assert.ok(answers.length > 0);
  assert.ok(answers.every(({ latencyMs }) => latencyMs === null));
});

test('the same seed gives the same traffic', () => {
  const [one, two] = [seededRandom(42), seededRandom(42)];
  const draw = (random: () => number): number[] => Array.from({ length: 5 }, random);
  const drawn = draw(one);
  assert.deepEqual(drawn, draw(two));
  assert.ok(drawn.every((number) => number > 0 && number < 1));
});
