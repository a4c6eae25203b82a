// `node examples/cluster/express.ts`, or `skein start examples/cluster/express.ts -i 4`.
import express from 'express';
import { health, ready } from 'skein';
import { database, whoAmI } from './shop.ts';

const app = express();

app.get('/', (_request, response) => {
  response.json(whoAmI());
});

app.get('/article', async (_request, response) => {
  response.json({ article: await database.query() });
});

// For a load balancer.
app.get('/health', (_request, response) => {
  const report = health.report();
  response.status(report.status === 'healthy' ? 200 : 503).json(report);
});

// With `--ready message` no connection comes before this; otherwise it does nothing.
app.listen(Number(process.env.PORT ?? 3000), () => ready());
