// `node examples/state/express.ts`, `skein start examples/state/express.ts -i 4`, or over Redis:
// `SKEIN_STATE=redis://127.0.0.1:6379 node …`.
import express from 'express';
import session from 'express-session';
import { expressSessionStore, SkeinError } from 'skein/state';
import { limiter, motd, price, setMotd, state, take, visits } from './shared.ts';

const app = express();

app.use(
  session({
    store: expressSessionStore(session, state),
    secret: process.env.SESSION_SECRET ?? 'only for this example',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 3_600_000 },
  }),
);

app.get('/', async (request, response) => {
  request.session.views = (request.session.views ?? 0) + 1;
  response.json({ visits: await visits.increment(), yours: request.session.views, motd: motd() });
});

app.get('/motd/:text', async (request, response) => {
  await setMotd(request.params.text);
  response.json({ motd: request.params.text });
});

app.get('/price/:article', async (request, response) => {
  response.json({ price: await price(request.params.article) });
});

app.get('/take/:article', async (request, response) => {
  response.json({ left: await take(request.params.article) });
});

app.get('/limited', async (request, response) => {
  const { allowed, remaining, retryAfterMs } = await limiter.take(request.ip ?? 'unknown');
  if (!allowed) response.status(429).set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  response.json({ allowed, remaining });
});

// An error of Skein knows the status that fits: 503 while Redis is away.
app.use((error, _request, response, _next) => {
  response.status(error instanceof SkeinError ? error.status : 500).json({ error: error.message });
});

app.listen(process.env.PORT ?? 3000);
