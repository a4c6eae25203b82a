/**
 * What is in every worker and in the background for good, as one CommonJS file each: what such a
 * process pays for is not the code but the number of ES modules and their loader, 2.9 MB of private
 * memory for 37 of them against 0.5 MB for one CommonJS file
 * (docs/decisions/0009-the-preload-is-bundled.md).
 */
import { join } from 'node:path';
import { build } from 'esbuild';

/** Paths below src/, and below dist/ with `.cjs`. Those of `entry/` are listed in core/entry-url.ts too. */
const bundles = [
  'entry/preload',
  'worker/preload',
  'worker/hang-thread',
  'entry/holder',
  'entry/supervisor',
  'entry/state-server',
];

export const bundle = async (root: string): Promise<void> => {
  for (const name of bundles)
    await build({
      entryPoints: [join(root, 'src', `${name}.ts`)],
      outfile: join(root, 'dist', `${name}.cjs`),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      legalComments: 'none',
      // Characters beyond Latin-1 would make V8 keep the whole source at two bytes each.
      charset: 'ascii',
      banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
      define: { 'import.meta.filename': '__filename', 'import.meta.url': 'importMetaUrl' },
      logLevel: 'warning',
    });
};
