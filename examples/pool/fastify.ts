// `node examples/pool/fastify.ts`, then `curl localhost:3000/fibonacci/40`; `/` answers meanwhile.
import Fastify from 'fastify';
import { defaultPool, SkeinError, task } from 'skein/pool';

const fibonacci = task<typeof import('./fibonacci.ts')>(new URL('./fibonacci.ts', import.meta.url));

const app = Fastify();

app.get('/', () => JSON.stringify('still here'));

app.get<{ Params: { n: string } }>('/fibonacci/:n', async (request, reply) => {
  // Who closes the connection does not keep a thread busy.
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  return JSON.stringify(await fibonacci(Number(request.params.n), { signal: gone.signal, timeout: '10s' }));
});

app.get('/metrics', () => defaultPool().metrics());

// 503 when the pool is full, 504 when the task took too long.
app.setErrorHandler((error: Error, _request, reply) => {
  const status = error instanceof SkeinError ? error.status : 500;
  return reply.status(status).send({ error: error.message });
});

await app.listen({ port: Number(process.env.PORT ?? 3000) });
