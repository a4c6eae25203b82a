// `node examples/resilience/fastify.ts`, with RATES_URL=http://… of some service that answers {"eur": 1.1}.
import Fastify from 'fastify';
import { SkeinError } from 'skein/resilience';
import { rates, service } from './rates.ts';

const app = Fastify();

app.get('/rates', () => rates());

app.get('/metrics', () => service.metrics());

// An error of Skein knows the status that fits: 503 for an open breaker, 504 for a timeout.
app.setErrorHandler((error: Error, _request, reply) => {
  const status = error instanceof SkeinError ? error.status : 500;
  return reply.status(status).send({ error: error.message });
});

await app.listen({ port: Number(process.env.PORT ?? 3000) });
