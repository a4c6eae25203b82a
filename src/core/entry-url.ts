/**
 * Where the files that start a process of their own are: beside this one, as `.js` in the
 * published package and as `.ts` when the source runs unbuilt. `new URL('./x.ts', …)` is not
 * rewritten by tsc, so every such path comes from here.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = extname(import.meta.filename);

/** Absolute path of the preload: one CommonJS file in the published package. */
export const preloadFile = (): string =>
  extension === '.ts' ? entryFile('preload') : entryFile('preload').replace(/\.js$/, '.cjs');

/** Absolute path of `src/entry/<name>`, or of its built form. */
export const entryFile = (name: string): string =>
  fileURLToPath(new URL(`../entry/${name}${extension}`, import.meta.url));
