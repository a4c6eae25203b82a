/**
 * The binaries of the other Node lines the suite has to pass on, installed when asked for; the
 * versions are pinned in scripts/node-lines/package.json.
 *
 * As a command: prints `<name> <path of the binary>`, one a line.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'node-lines');
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

const lines = Object.entries(manifest.dependencies).map(([name, pin]) => ({
  name,
  version: pin.slice(pin.lastIndexOf('@') + 1),
  binary: join(folder, 'node_modules', name, 'bin', 'node'),
}));

const isInstalled = ({ binary, version }: (typeof lines)[number]): boolean =>
  existsSync(binary) && execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim() === `v${version}`;

if (!lines.every(isInstalled)) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 2, 2] });
}
for (const { name, binary } of lines) console.log(name, binary);
