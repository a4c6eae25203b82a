/** Clients of the proofs, on bare sockets where there are thousands of them. */
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { median, quantile } from '../lib/statistics.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

/** One request on a connection of its own, unless `agent` says otherwise; rejects when there is no whole answer. */
export const ask = (
  port: number,
  path: string,
  { method = 'GET', agent = false }: { readonly method?: string; readonly agent?: Agent | false } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const sent = request({ host: '127.0.0.1', port, path, method, agent, timeout: 60_000 }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
      response.once('error', reject);
      response.once('end', () =>
        response.complete
          ? resolve({ status: response.statusCode ?? 0, body, ms: performance.now() - begun })
          : reject(new Error('the answer broke off')),
      );
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer in a minute')));
    sent.once('error', reject).end();
  });

/** So many at the same time, until all `count` are done. */
export const inParallel = async (
  count: number,
  atOnce: number,
  one: (index: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
};

export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const BATCHES = 5;

const batch = async (port: number, agent: Agent, count: number): Promise<readonly number[]> => {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) all.push((await ask(port, '/', { agent })).ms);
  return all;
};

/** Of GETs one after the other over one connection: medians of five batches, as a machine has bad moments. */
export const latencies = async (port: number, count: number): Promise<Latencies> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const batches: (readonly number[])[] = [];
  for (let nth = 0; nth < BATCHES; nth += 1) batches.push(await batch(port, agent, count / BATCHES));
  agent.destroy();
  const of = (q: number): number => median(batches.map((one) => quantile(one, q))) ?? Number.NaN;
  return { p50Ms: of(0.5), p99Ms: of(0.99) };
};

export const show = ({ p50Ms, p99Ms }: Latencies): string =>
  `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;

/** A connection that has had one answer and stays. */
export const openIdle = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let seen = '';
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before the answer')));
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      if (seen.endsWith('hello\n')) resolve(socket);
    });
    socket.write('GET / HTTP/1.1\r\nHost: app\r\n\r\n');
  });
