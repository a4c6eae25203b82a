// `node examples/once/express.ts`, or `skein start examples/once/express.ts -i max`.
import express from 'express';
import { isLeader } from 'skein';
import { rates, report, tables } from './shared.ts';

const app = express();

app.get('/', async (_request, response) => {
  const { eur, calls, by } = await rates.get();
  response.json({ eur, calls, by, ageMs: rates.ageMs, failing: rates.error?.message ?? null });
});

app.get('/about', async (_request, response) => {
  response.json({ pid: process.pid, leader: isLeader(), tables, report: (await report()) ?? null });
});

app.listen(process.env.PORT ?? 3000);
