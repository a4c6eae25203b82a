// `node examples/state/fastify.ts`, `skein start examples/state/fastify.ts -i 4`, or over Redis:
// `SKEIN_STATE=redis://127.0.0.1:6379 node …`.
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { fastify } from 'fastify';
import { fastifySessionStore, SkeinError } from 'skein/state';
import { limiter, motd, price, setMotd, state, take, visits } from './shared.ts';

const app = fastify();

await app.register(fastifyCookie);
await app.register(fastifySession, {
  store: fastifySessionStore(state),
  secret: process.env.SESSION_SECRET ?? 'only for this example, but of 32 characters',
  saveUninitialized: false,
  cookie: { maxAge: 3_600_000, secure: false },
});

app.get('/', async ({ session }) => {
  session.views = (session.views ?? 0) + 1;
  return { visits: await visits.increment(), yours: session.views, motd: motd() };
});

app.get('/motd/:text', async ({ params }) => {
  await setMotd(params.text);
  return { motd: params.text };
});

app.get('/price/:article', async ({ params }) => ({ price: await price(params.article) }));

app.get('/take/:article', async ({ params }) => ({ left: await take(params.article) }));

app.get('/limited', async (request, reply) => {
  const { allowed, remaining, retryAfterMs } = await limiter.take(request.ip);
  if (!allowed) reply.code(429).header('retry-after', Math.ceil(retryAfterMs / 1000));
  return { allowed, remaining };
});

// An error of Skein knows the status that fits: 503 while Redis is away.
app.setErrorHandler((error, _request, reply) =>
  reply.code(error instanceof SkeinError ? error.status : 500).send({ error: error.message }),
);

app.addHook('onClose', () => state.close());

await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '::' });
