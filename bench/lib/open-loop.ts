/**
 * An open-loop client: requests are due at times drawn in advance, and each one's latency counts
 * from when it was due. A closed loop would wait for a stalled server and so not see the stall.
 */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from './random.ts';

export interface Traffic {
  readonly port: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly seed: number;
  /** `close`: a connection per request. `keep-alive`: a pool that is filled before it starts. */
  readonly connections: 'close' | 'keep-alive';
  /** The path of one request, from a number in (0, 1). */
  readonly path: (random: number) => string;
}

export interface Answer {
  readonly path: string;
  /** Milliseconds since it was due; null when it failed. */
  readonly latencyMs: number | null;
}

const poolSize = 32;
const timeoutMs = 10_000;

const get = (port: number, path: string, agent: Agent): Promise<boolean> =>
  new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, agent, timeout: timeoutMs }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
      response.once('error', () => resolve(false));
    });
    sent.once('timeout', () => sent.destroy(new Error('timeout')));
    sent.once('error', () => resolve(false));
    sent.end();
  });

/** Sends the traffic and resolves with one entry per request when all have been answered or failed. */
export const sendTraffic = async (traffic: Traffic): Promise<readonly Answer[]> => {
  const { port, seconds, requestsPerSecond, seed, path } = traffic;
  const keepAlive = traffic.connections === 'keep-alive';
  const agent = new Agent({ keepAlive, scheduling: 'fifo', maxSockets: keepAlive ? poolSize : Infinity });
  if (keepAlive) await Promise.all(Array.from({ length: poolSize }, () => get(port, '/', agent)));
  const random = seededRandom(seed);
  const answers: Promise<Answer>[] = [];
  const begun = performance.now();
  // Times between the arrivals of a Poisson process are exponentially distributed.
  for (let due = 0; due < seconds * 1000; due += (-Math.log(random()) * 1000) / requestsPerSecond) {
    const wait = begun + due - performance.now();
    if (wait > 0) await delay(wait);
    const target = path(random());
    const dueAt = begun + due;
    const settle = (ok: boolean): Answer => ({
      path: target,
      latencyMs: ok ? performance.now() - dueAt : null,
    });
    answers.push(get(port, target, agent).then(settle));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
};
