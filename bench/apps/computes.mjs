/**
 * A worker that computes fibonacci(40) on as many threads as it is lent, and then writes how long its event loop was
 * held up to a file in RESULTS. SKEIN_PACKAGE: the folder of the installed Skein.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { RESULTS, SKEIN_PACKAGE, SKEIN_SLOT } = process.env;
const { task } = await import(pathToFileURL(join(SKEIN_PACKAGE, 'dist', 'entry', 'pool.js')).href);
const fibonacci = task(new URL('./fibonacci.mjs', import.meta.url));
const compute = async () => {
  for (;;) await fibonacci(40);
};

createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
const loops = Array.from({ length: 4 }, compute);
void Promise.all(loops);
// Threads have started.
await delay(1_500);
const histogram = monitorEventLoopDelay({ resolution: 1 });
histogram.enable();
await delay(5_000);
const file = join(RESULTS, SKEIN_SLOT);
writeFileSync(`${file}.new`, JSON.stringify({ p99Ms: histogram.percentile(99) / 1e6 }));
renameSync(`${file}.new`, `${file}.json`);
