// `node examples/pool/express.ts`, then `curl localhost:3000/fibonacci/40`; `/` answers meanwhile.
import express from 'express';
import { defaultPool, SkeinError, task } from 'skein/pool';

const fibonacci = task<typeof import('./fibonacci.ts')>(new URL('./fibonacci.ts', import.meta.url));

const app = express();

app.get('/', (_request, response) => {
  response.json('still here');
});

app.get('/fibonacci/:n', async (request, response) => {
  // Who closes the connection does not keep a thread busy.
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.json(await fibonacci(Number(request.params.n), { signal: gone.signal, timeout: '10s' }));
});

app.get('/metrics', (_request, response) => {
  response.json(defaultPool().metrics());
});

// 503 when the pool is full, 504 when the task took too long.
app.use((error, _request, response, _next) => {
  if (response.destroyed) return;
  const status = error instanceof SkeinError ? error.status : 500;
  response.status(status).json({ error: error.message });
});

app.listen(process.env.PORT ?? 3000);
