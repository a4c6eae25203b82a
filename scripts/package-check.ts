/**
 * Packs the package as it would be published, checks the tarball (publint, are the types wrong?),
 * and runs the CLI of an installed copy with the dependencies it declares and no others.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'skein-pack-'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const run = (file: string, args: readonly string[], cwd: string = root): void => {
  console.log(`$ ${file} ${args.join(' ')}`);
  execFileSync(file, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
};

try {
  run('npm', ['run', '--silent', 'build']);
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const tarball = join(folder, filename);
  run('publint', ['run', tarball, '--strict']);
  run('attw', [tarball, '--profile', 'esm-only']);

  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', tarball], folder);
  const skein = join(folder, 'node_modules', 'skein', 'bin', 'skein.js');
  const said = execFileSync(process.execPath, [skein, '--version'], { encoding: 'utf8' }).trim();
  if (said !== version) throw new Error(`skein --version says ${said}, not ${version}`);
  const usesApi = "import('skein/control').then(({ createControlClient }) => createControlClient.call)";
  run(process.execPath, ['--unhandled-rejections=strict', '-e', usesApi], folder);
  const usesBreaker = "import('skein/resilience').then(({ breaker }) => breaker('x').run(() => 1))";
  run(process.execPath, ['--unhandled-rejections=strict', '-e', usesBreaker], folder);
  writeFileSync(join(folder, 'task.mjs'), 'export default () => 1;');
  const usesPool = "import('skein/pool').then(({ task }) => task(process.cwd() + '/task.mjs')())";
  run(process.execPath, ['--unhandled-rejections=strict', '-e', usesPool], folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
