/** 10,000 clients that keep their connection and say nothing. */
import type { Socket } from 'node:net';
import { inParallel, latencies, openIdle, show } from './clients.ts';
import { finding, mebibytes, type Proof } from './proof.ts';

const COUNT = 10_000;

export const idle: Proof = {
  name: 'idle',
  title: `${COUNT.toLocaleString('en')} idle keep-alive clients`,
  stage: { workers: 2 },
  run: async (stage, progress) => {
    await latencies(stage.port, 1500);
    const before = { memory: await stage.memory(), latency: await latencies(stage.port, 1000) };
    progress('opening');
    const sockets: Socket[] = [];
    await inParallel(COUNT, 100, async () => void sockets.push(await openIdle(stage.port)));
    const during = { memory: await stage.memory(), latency: await latencies(stage.port, 1000) };
    const open = sockets.filter((socket) => !socket.destroyed).length;
    progress('each of them asks again');
    let answered = 0;
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.removeAllListeners('close').once('close', resolve);
            socket.once('data', () => {
              answered += 1;
              resolve();
            });
            socket.write('GET / HTTP/1.1\r\nHost: app\r\n\r\n');
          }),
      ),
    );
    for (const socket of sockets) socket.destroy();
    const perClient = (during.memory - before.memory) / COUNT;
    return [
      finding(
        'all are kept and answered again',
        open === COUNT && answered === COUNT,
        `${open} kept, ${answered} answered`,
      ),
      finding(
        'memory per idle client at most 16 KiB',
        perClient <= 16 * 1024,
        `${(perClient / 1024).toFixed(1)} KiB (${mebibytes(before.memory)} without, ${mebibytes(during.memory)} with them)`,
      ),
      finding(
        'others are served at normal latency (p99 at most 2 × and 1 ms more)',
        during.latency.p99Ms <= 2 * before.latency.p99Ms + 1,
        `${show(before.latency)} without, ${show(during.latency)} with them`,
      ),
    ];
  },
};
