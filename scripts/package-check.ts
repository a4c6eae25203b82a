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

/** What each entry has to do in a project that has installed nothing else, alone and without options. */
const uses: readonly string[] = [
  "import('skein').then(({ worker }) => process.exit(worker.slot))",
  "import('skein').then(({ cached }) => cached('a', { every: '1m' }, () => 1)).then(() => process.exit(0))",
  "import('skein/state').then(({ createState }) => createState().increment('a')).then((n) => process.exit(n - 1))",
  "import('skein/control').then(({ createControlClient }) => createControlClient.call)",
  "import('skein/config').then(({ defineConfig }) => defineConfig({ apps: [] }))",
  "import('skein/resilience').then(({ breaker }) => breaker('x', { shared: true }).run(() => 1))",
  "import('skein/pool').then(({ task }) => task(process.cwd() + '/task.mjs')())",
  // Of a CommonJS app: Node loads the same modules, as long as none of them awaits at its top.
  "for (const name of ['', '/state', '/resilience', '/pool', '/config', '/control']) require('skein' + name)",
];

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
  writeFileSync(join(folder, 'task.mjs'), 'export default () => 1;');
  for (const program of uses) run(process.execPath, ['--unhandled-rejections=strict', '-e', program], folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
