/**
 * Composition root of the inside of a worker: the file that `-r` names. Node loads it again into
 * each thread that the app starts, where there is nothing to do and nothing else is loaded.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { BOOT_VARIABLE } from '../protocol/worker.ts';

if (process.env[BOOT_VARIABLE] !== undefined && typeof process.send === 'function') {
  const load = createRequire(import.meta.url);
  const inside = `../worker/preload${extname(import.meta.filename)}`;
  const { startWorker, stripPreload, takeBoot } = load(inside) as typeof import('../worker/preload.ts');
  stripPreload(process.execArgv, import.meta.filename);
  const boot = takeBoot(process.env);
  if (boot !== null) startWorker(boot);
}
