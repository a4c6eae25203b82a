// `node examples/cluster/fastify.ts`, or `skein start examples/cluster/fastify.ts -i 4`.
import { fastify } from 'fastify';
import { health, onShutdown, ready } from 'skein';
import { database, whoAmI } from './shop.ts';

const app = fastify();

app.get('/', async () => whoAmI());

app.get('/article', async () => ({ article: await database.query() }));

// For a load balancer.
app.get('/health', async (_request, reply) => {
  const report = health.report();
  return reply.code(report.status === 'healthy' ? 200 : 503).send(report);
});

// Added last, so it runs first: Fastify's own hooks still have the database.
onShutdown(() => app.close());

await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '::' });
// With `--ready message` no connection comes before this; otherwise it does nothing.
ready();
