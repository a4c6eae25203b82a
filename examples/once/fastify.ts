// `node examples/once/fastify.ts`, or `skein start examples/once/fastify.ts -i max`.
import Fastify from 'fastify';
import { isLeader } from 'skein';
import { rates, report, tables } from './shared.ts';

const app = Fastify();

app.get('/', async () => {
  const { eur, calls, by } = await rates.get();
  return { eur, calls, by, ageMs: rates.ageMs, failing: rates.error?.message ?? null };
});

app.get('/about', async () => ({
  pid: process.pid,
  leader: isLeader(),
  tables,
  report: (await report()) ?? null,
}));

await app.listen({ port: Number(process.env.PORT ?? 3000) });
