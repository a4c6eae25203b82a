// `node examples/messages/express.ts`, or `skein start examples/messages/express.ts -i 4`.
import express from 'express';
import { SkeinError, worker } from 'skein';
import { countRequest, currentBanner, requestsByWorker, sayIn, setBanner } from './shared.ts';

const app = express();

app.use((_request, _response, next) => {
  countRequest();
  next();
});

app.get('/', (_request, response) => {
  response.json({ slot: worker.slot, banner: currentBanner() });
});

app.get('/banner/:text', async (request, response) => {
  response.json({ told: await setBanner(request.params.text) });
});

app.get('/served', async (_request, response) => {
  response.json(await requestsByWorker());
});

app.get('/rooms/:room/:words', async (request, response) => {
  response.json(await sayIn(request.params.room, request.params.words));
});

// An error of Skein knows the status that fits: 504 when a worker does not answer in time.
app.use((error, _request, response, _next) => {
  response.status(error instanceof SkeinError ? error.status : 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1');
