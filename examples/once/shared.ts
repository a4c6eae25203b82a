// What both servers use. Alone: this process does it all. On many workers, or over Redis on many machines: one of them.
import { cached, every, onLeader, once } from 'skein';
import { createState } from 'skein/state';

const state = createState({ namespace: 'rates' });

/** Stands for a service that allows few calls. Counts those of all workers. */
const askTheBank = async () => ({ eur: 1.1, calls: await state.increment('calls'), by: process.pid });

/** One call per second in the whole cluster. Reading it is a read of memory. */
export const rates = cached('rates', { every: '1s', timeout: '5s' }, askTheBank);

/** Made by one worker of each release; those that are started later have it at once. */
export const tables = await once('tables', async () => ({ names: ['users', 'orders'], by: process.pid }));

interface Report {
  readonly runs: number;
  readonly token: number;
  readonly by: number;
}

/** Runs on the leader. A leader who was paused, and does not know that another leads, is refused. */
every('report', '1s', async ({ token, signal }) => {
  if (signal.aborted) return;
  await state.update<Report>('report', (last) => {
    if (last !== undefined && last.token > token) throw new Error('another worker leads by now');
    return { runs: (last?.runs ?? 0) + 1, token, by: process.pid };
  });
});

export const report = () => state.get<Report>('report');

/** For what is no job: a connection that only one worker may have, for example. */
onLeader(({ signal }) => {
  const timer = setInterval(() => console.log('the leader is', process.pid), 60_000).unref();
  signal.addEventListener('abort', () => clearInterval(timer));
});
