// counter.ts: `skein start examples/counter.ts -i 4`, or alone `node examples/counter.ts`.
import { createServer } from 'node:http';
import { cached, every, onShutdown, worker } from 'skein';
import { createState } from 'skein/state';

const state = createState();

const news = cached('news', { every: '10s' }, async () => ({ at: Date.now() })); // one call of all workers
every('tidy', '0 4 * * *', () => state.delete('visits')); // on one worker, the leader

const server = createServer(async (_request, response) => {
  const visits = await state.increment('visits'); // one number for all
  response.end(JSON.stringify({ visits, news: await news.get(), pid: process.pid, of: worker.count }));
});
server.listen(process.env.PORT ?? 3000);

onShutdown(() => console.log('the last request is answered'));
