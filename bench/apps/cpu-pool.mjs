/**
 * Runs fibonacci(n) again and again, and prints tasks per second and how long the event loop was
 * held up: `cpu-pool.mjs <skein | piscina | inline> <folder of the installed Skein> <n> <tasks at once> <seconds>`.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fibonacci from './fibonacci.mjs';

const [kind, skein, n, atOnce, seconds] = process.argv.slice(2);
const file = new URL('./fibonacci.mjs', import.meta.url);
const threads = availableParallelism();

const peers = {
  skein: async () => {
    const { task } = await import(pathToFileURL(join(skein, 'dist', 'entry', 'pool.js')).href);
    return task(file);
  },
  piscina: async () => {
    const { Piscina } = createRequire(join(skein, 'package.json'))('piscina');
    const pool = new Piscina({ filename: fileURLToPath(file), minThreads: threads, maxThreads: threads });
    return (input) => pool.run(input);
  },
  inline: async () => async (input) => {
    await turn();
    return fibonacci(input);
  },
};

const run = await peers[kind]();
const input = Number(n);
const during = async (ms) => {
  const end = performance.now() + ms;
  let done = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: Number(atOnce) }, async () => {
      while (performance.now() < end) {
        await run(input);
        done += 1;
      }
    }),
  );
  return (done / (performance.now() - began)) * 1000;
};

// Threads have started and the function is compiled.
await Promise.all(Array.from({ length: threads * 2 }, () => run(20)));
await during(input > 30 ? 0 : 500);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
// What happened before is not counted.
await turn();
delay.reset();
const tasksPerSecond = await during(Number(seconds) * 1000);
// A loop that was held up to the very end says so in its next turn.
await turn();
await new Promise((resolve) => {
  setTimeout(resolve, 5);
});
delay.disable();
console.log(JSON.stringify({ tasksPerSecond, p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 }));
process.exit();
