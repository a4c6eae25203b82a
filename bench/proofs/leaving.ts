/** Clients that leave while their request waits in the queue: it is asked of nobody, and counts nowhere. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../lib/until.ts';
import { ask } from './clients.ts';
import { finding, type Proof } from './proof.ts';

const COUNT = 500;
const BUSY_MS = 4000;

export const leaving: Proof = {
  name: 'leaving',
  title: `${COUNT} clients that leave while queued`,
  stage: {
    workers: 2,
    balance: { maxInFlight: 1 },
    env: (directory) => ({ POSTS: join(directory, 'arrived') }),
  },
  run: async (stage, progress) => {
    // Each worker may have one, and has it.
    const path = `/slow?ms=${BUSY_MS}`;
    const busy = [ask(stage.port, path), ask(stage.port, path)];
    await until('both workers to be busy', 3000, async () =>
      (await stage.gauges()).inFlight === 2 ? true : undefined,
    );
    progress('queueing');
    const sockets = Array.from({ length: COUNT }, (_, id) => {
      const socket = connect({ port: stage.port, host: '127.0.0.1' }).on('error', () => undefined);
      socket.write(`POST /once?id=left-${id} HTTP/1.1\r\nHost: app\r\nContent-Length: 0\r\n\r\n`);
      return socket;
    });
    const queued = await until('the requests to be queued', 3000, async () => {
      const { queued: count } = await stage.gauges();
      return count >= COUNT ? count : undefined;
    }).catch(async () => (await stage.gauges()).queued);
    for (const socket of sockets) socket.destroy();
    await Promise.all(busy);
    const stayed = await ask(stage.port, '/once?id=stayed', { method: 'POST' });
    const arrived = (await readFile(join(stage.directory, 'arrived'), 'utf8')).split('\n').filter(Boolean);
    return [
      finding('all wait in the queue', queued >= COUNT, `${queued} queued`),
      finding(
        'those who left are asked of nobody',
        arrived.length === 1,
        `${arrived.length - 1} of ${COUNT} arrived`,
      ),
      finding('who stays is served', stayed.status === 200, `status ${stayed.status}`),
    ];
  },
};
