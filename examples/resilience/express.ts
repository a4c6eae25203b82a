// `node examples/resilience/express.ts`, with RATES_URL=http://… of some service that answers {"eur": 1.1}.
import express from 'express';
import { SkeinError } from 'skein/resilience';
import { rates, service } from './rates.ts';

const app = express();

app.get('/rates', async (_request, response) => {
  response.json(await rates());
});

app.get('/metrics', (_request, response) => {
  response.json(service.metrics());
});

// An error of Skein knows the status that fits: 503 for an open breaker, 504 for a timeout.
app.use((error, _request, response, _next) => {
  const status = error instanceof SkeinError ? error.status : 500;
  response.status(status).json({ error: error.message });
});

app.listen(process.env.PORT ?? 3000);
