/** Clients that ask for much and read nothing: nobody else waits for them, and nobody buffers for them. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { latencies, show } from './clients.ts';
import { finding, mebibytes, type Proof } from './proof.ts';

const COUNT = 200;
const BYTES = 64 * 2 ** 20;

/** Reads the first chunk and then no more. */
const openSlow = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('data', () => {
      socket.pause();
      resolve(socket);
    });
    socket.write(`GET /down?bytes=${BYTES} HTTP/1.1\r\nHost: app\r\n\r\n`);
  });

export const slowReaders: Proof = {
  name: 'slow-readers',
  title: `${COUNT} clients that stop reading an answer of 64 MiB`,
  stage: { workers: 2 },
  run: async (stage, progress) => {
    await latencies(stage.port, 1500);
    const before = { memory: await stage.memory(), latency: await latencies(stage.port, 1500) };
    progress('opening');
    const sockets = await Promise.all(Array.from({ length: COUNT }, () => openSlow(stage.port)));
    // What would be buffered would be by then.
    await delay(3000);
    const during = { memory: await stage.memory(), latency: await latencies(stage.port, 1500) };
    for (const socket of sockets) socket.destroy();
    const each = (during.memory - before.memory) / COUNT;
    return [
      finding(
        'at most 256 KiB are held for each',
        each <= 256 * 1024,
        `${(each / 1024).toFixed(0)} KiB (${mebibytes(before.memory)} before, ${mebibytes(during.memory)} with them)`,
      ),
      finding(
        'others are served at normal latency (p99 at most 2 × and 1 ms more)',
        during.latency.p99Ms <= 2 * before.latency.p99Ms + 1,
        `${show(before.latency)} before, ${show(during.latency)} beside them`,
      ),
    ];
  },
};
