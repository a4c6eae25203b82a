/**
 * Where the files that start a process of their own are: beside this one, as `.js` in the
 * published package and as `.ts` when the source runs unbuilt. `new URL('./x.ts', …)` is not
 * rewritten by tsc, so every such path comes from here.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One CommonJS file each in the published package (scripts/bundle.ts). */
const bundled = new Set(['preload', 'holder', 'supervisor', 'state-server']);

const isSource = extname(import.meta.filename) === '.ts';

/** Absolute path of `src/entry/<name>`, or of its built form. */
export const entryFile = (name: string): string => {
  const extension = isSource ? 'ts' : bundled.has(name) ? 'cjs' : 'js';
  return fileURLToPath(new URL(`../entry/${name}.${extension}`, import.meta.url));
};
