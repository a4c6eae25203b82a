/**
 * One of several workers that use the same state, and prints what it measured:
 * `state-load.mjs <JSON: kind, skein (folder of the installed package), redis (port), url, what, atOnce, startAt, seconds>`.
 *
 * All begin to count at `startAt`, a time of day, and load the state before that as well, so that code
 * is compiled and nobody is measured while another still starts.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { kind, skein, redis, url, what, atOnce, startAt, seconds } = JSON.parse(process.argv[2]);
const skeinState = () => import(pathToFileURL(join(skein, 'dist', 'entry', 'state.js')).href);

const connectRedis = async () => {
  const { createClient } = createRequire(import.meta.url)('redis');
  const client = createClient({ socket: { host: '127.0.0.1', port: redis } });
  await client.connect();
  return client;
};

/** Each gives what it measures with, and with the same meaning. */
const peers = {
  embedded: async () => {
    const { createState } = await skeinState();
    return createState({ url });
  },
  'node-redis': async () => {
    const client = await connectRedis();
    return {
      increment: (key) => client.incr(key),
      get: async (key) => JSON.parse((await client.get(key)) ?? 'null'),
      set: (key, value) => client.set(key, JSON.stringify(value)),
    };
  },
  'skein over redis': async () => {
    const { createState } = await skeinState();
    return createState({ client: await connectRedis() });
  },
};

const keys = Array.from({ length: 100 }, (_, index) => `${what}:${index}`);
const value = { id: 7, name: 'A user with a name', roles: ['reader', 'writer'] };
const endAt = startAt + seconds * 1000;
const toMonotonic = performance.now() - Date.now();
const from = startAt + toMonotonic;
const to = endAt + toMonotonic;

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

/** `atOnce` calls are always under way. */
const calls = async (call) => {
  const took = [];
  await Promise.all(
    Array.from({ length: atOnce }, async (_, lane) => {
      for (let count = lane; ; count += 1) {
        const began = performance.now();
        if (began >= to) return;
        await call(keys[count % keys.length]);
        const ended = performance.now();
        if (began >= from && ended < to) took.push(ended - began);
      }
    }),
  );
  const sorted = Float64Array.from(took).sort();
  return { perSecond: took.length / seconds, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
};

/** Reads for 5 ms, then lets the event loop turn, in which changes of the other workers come in. */
const replicaReads = async (state) => {
  const { replica } = await skeinState();
  const copy = await replica(state, { prefix: `${what}:` });
  let reads = 0;
  let wrong = 0;
  while (performance.now() < to) {
    const until = performance.now() + 5;
    const counts = performance.now() >= from;
    do {
      for (let index = 0; index < 1000; index += 1)
        if (copy.get(keys[index % keys.length])?.id !== 7) wrong += 1;
      if (counts) reads += 1000;
    } while (performance.now() < until);
    void state.set(keys[Math.floor(Math.random() * keys.length)], value);
    await turn();
  }
  if (wrong > 0 || !copy.current) throw new Error(`${wrong} reads were wrong; current: ${copy.current}`);
  return { perSecond: reads / seconds, p50Ms: null, p99Ms: null };
};

const state = await peers[kind]();
if (what !== 'increment') await Promise.all(keys.map((key) => state.set(key, value)));
const measure = {
  increment: () => calls((key) => state.increment(key)),
  get: () => calls((key) => state.get(key)),
  replica: () => replicaReads(state),
};
console.log(JSON.stringify(await measure[what]()));
process.exit();
