/**
 * Tasks per second of skein/pool and of bare piscina, side by side in one process: slices of 50 ms in turn, so
 * that what else the machine does meets both. `pool-pairs.mjs <folder of the installed Skein> <n> <tasks at once> <seconds>`.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [skein, n, atOnce, seconds] = process.argv.slice(2);
const file = new URL('./fibonacci.mjs', import.meta.url);
const threads = availableParallelism();
const { task } = await import(pathToFileURL(join(skein, 'dist', 'entry', 'pool.js')).href);
const { Piscina } = createRequire(join(skein, 'package.json'))('piscina');
const bare = new Piscina({ filename: fileURLToPath(file), minThreads: threads, maxThreads: threads });
const peers = {
  skein: { run: task(file), done: 0, ms: 0 },
  piscina: { run: (input) => bare.run(input), done: 0, ms: 0 },
};

const slice = async (peer, ms) => {
  const began = performance.now();
  await Promise.all(
    Array.from({ length: Number(atOnce) }, async () => {
      while (performance.now() - began < ms) {
        await peer.run(Number(n));
        peer.done += 1;
      }
    }),
  );
  peer.ms += performance.now() - began;
};

// Threads have started and the function is compiled.
for (const peer of Object.values(peers)) {
  await slice(peer, 500);
  Object.assign(peer, { done: 0, ms: 0 });
}
const end = performance.now() + Number(seconds) * 1000;
for (let pair = 0; performance.now() < end; pair += 1)
  for (const name of pair % 2 === 0 ? ['skein', 'piscina'] : ['piscina', 'skein'])
    await slice(peers[name], 50);
const rate = ({ done, ms }) => (done / ms) * 1000;
console.log(JSON.stringify({ skein: rate(peers.skein), piscina: rate(peers.piscina) }));
process.exit();
