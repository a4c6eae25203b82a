/** The place where one peer runs once: a directory, a free port, an environment, and the files in
 *  which the app's workers say that they listen. */
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freePort } from '../lib/free-port.ts';
import { until } from '../lib/until.ts';
import type { ListeningWorker } from './peer.ts';

export interface Site {
  readonly directory: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly listening: () => Promise<readonly ListeningWorker[]>;
  /** The first `count` workers, as soon as that many listen. */
  readonly untilListening: (count: number) => Promise<readonly ListeningWorker[]>;
}

export const appPath = (name: string): string => join(import.meta.dirname, '..', 'apps', name);

/** What every peer inherits, and nothing that would change how its Node runs (NODE_OPTIONS, npm's
 *  variables). `node` in PATH is the one that runs the benchmark. */
const baseEnvironment = (root: string): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  HOME: process.env['HOME'] ?? '/',
  LANG: 'C.UTF-8',
  XDG_CACHE_HOME: join(root, 'cache'),
  NODE_ENV: 'production',
});

const readWorker = async (file: string): Promise<ListeningWorker | null> => {
  const text = await readFile(file, 'utf8');
  // Created and not yet written.
  return text === '' ? null : (JSON.parse(text) as ListeningWorker);
};

/** `root` is the temporary directory of the run; short, as unix socket paths end at 107 bytes. */
export const createSite = async (root: string): Promise<Site> => {
  const directory = await mkdtemp(join(root, 's'));
  const markers = join(directory, 'listening');
  await mkdir(markers);
  const port = await freePort();
  const listening = async (): Promise<readonly ListeningWorker[]> => {
    const files = await readdir(markers);
    const workers = await Promise.all(files.map((file) => readWorker(join(markers, file))));
    return workers.filter((worker) => worker !== null).sort((a, b) => a.at - b.at);
  };
  return {
    directory,
    port,
    env: { ...baseEnvironment(root), PORT: String(port), BENCH_LISTENING: markers },
    listening,
    untilListening: (count) =>
      until(`${count} workers to listen in ${directory}`, 20_000, async () => {
        const workers = await listening();
        return workers.length >= count ? workers.slice(0, count) : undefined;
      }),
  };
};
