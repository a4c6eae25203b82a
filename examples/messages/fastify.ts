// `node examples/messages/fastify.ts`, or `skein start examples/messages/fastify.ts -i 4`.
import Fastify from 'fastify';
import { SkeinError, worker } from 'skein';
import { countRequest, currentBanner, requestsByWorker, sayIn, setBanner } from './shared.ts';

const app = Fastify();

app.addHook('onRequest', async () => countRequest());

app.get('/', () => ({ slot: worker.slot, banner: currentBanner() }));

app.get('/banner/:text', async ({ params }) => ({ told: await setBanner(params.text) }));

app.get('/served', () => requestsByWorker());

app.get('/rooms/:room/:words', ({ params }) => sayIn(params.room, params.words));

// An error of Skein knows the status that fits: 504 when a worker does not answer in time.
app.setErrorHandler((error, _request, reply) =>
  reply.status(error instanceof SkeinError ? error.status : 500).send({ error: error.message }),
);

await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' });
