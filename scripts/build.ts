/** Compiles src/ to dist/ one to one, bundles what runs in the background, and takes away what has no source any more. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const compiler = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (compiler.error !== undefined) throw compiler.error;

// Not "empty dist, then compile": a Skein that runs from here would lose files under its feet.
if (existsSync(dist)) {
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = file.replace(/(\.d\.ts|\.js)$/, '.ts');
    if (source !== file && !existsSync(join(root, 'src', source))) rmSync(join(dist, file));
  }
}
process.exitCode = compiler.status ?? 1;
if (process.exitCode === 0) await bundle(root);
