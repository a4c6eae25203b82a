/** Runs an example from `examples/` as a user has it: in a project with Skein (as built) installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from './ports.ts';
import type { Skein } from './skein.ts';
import { withSkein } from './skein.ts';
import { until } from './wait.ts';

const root = join(import.meta.dirname, '..', '..');

export interface RunningExample {
  readonly url: string;
  /** Parses the body of a GET. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;
}

const get =
  (url: string): RunningExample['get'] =>
  async (path) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: await response.json() };
  };

/** The path of a project with all examples. */
const makeProject = (packages: readonly string[]): string => {
  const project = mkdtempSync(join(tmpdir(), 'skein-example-'));
  cpSync(join(root, 'examples'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}\n');
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules', 'skein'));
  for (const name of packages)
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  return project;
};

/** `file`: relative to examples/. On so many workers of an installation of Skein of its own. */
export const withExampleOnSkein = async (
  file: string,
  workers: number,
  packages: readonly string[],
  use: (example: RunningExample, skein: Skein) => Promise<void>,
): Promise<void> => {
  const project = makeProject(packages);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), HOST: '127.0.0.1' };
  try {
    await withSkein(async (skein) => {
      // `fetch` keeps idle connections, for which a drain waits to its limit.
      const flags = ['-n', 'example', '-i', String(workers), '--drain-timeout', '2s'];
      await skein.ok(['start', join(project, file), ...flags], { env });
      await use({ url, get: get(url) }, skein);
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
};

/** `file`: relative to examples/. Waits until it listens on the PORT it is given. */
export const withExample = async (
  file: string,
  env: Readonly<Record<string, string>>,
  packages: readonly string[],
  use: (example: RunningExample) => Promise<void>,
): Promise<void> => {
  const project = makeProject(packages);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(project, file)], {
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const complaints = text(child.stderr);
  const ended = once(child, 'exit');
  try {
    await until(`${file} listens`, async () => {
      if (child.exitCode !== null) throw new Error(`${file} ended: ${await complaints}`);
      return fetch(url).then(
        () => true,
        () => false,
      );
    });
    await use({ url, get: get(url) });
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(project, { recursive: true, force: true });
  }
};
