/** Clients that leave while their request waits in the queue: it is asked of nobody, and counts nowhere. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../lib/until.ts';
import { ask } from './clients.ts';
import { finding, type Proof } from './proof.ts';

const COUNT = 500;
const BLOCKED_MS = 4000;

export const leaving: Proof = {
  name: 'leaving',
  title: `${COUNT} clients that leave while queued`,
  stage: { workers: 2, env: (directory) => ({ POSTS: join(directory, 'arrived') }) },
  run: async (stage, progress) => {
    // Both workers stand still; after 50 ms they get nothing new.
    const blocked = [ask(stage.port, `/block?ms=${BLOCKED_MS}`), ask(stage.port, `/block?ms=${BLOCKED_MS}`)];
    await delay(500);
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
    await Promise.all(blocked);
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
