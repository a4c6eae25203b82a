/** What of apps/floods.cjs is in the log files of a peer. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface FloodLines {
  /** Different ones. */
  readonly whole: number;
  /** Those that are there more than once, and lines that are none of the app's. */
  readonly wrong: number;
}

const LINE = /^flood (\d+) (\d+) x{60}$/;

/** A file that is being compressed, or was renamed meanwhile, is counted at the next look. */
const readOne = async (path: string): Promise<string> => {
  try {
    const bytes = await readFile(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  } catch {
    return '';
  }
};

export const floodLines = async (directory: string): Promise<FloodLines> => {
  const names = (await readdir(directory)).filter((name) => /\.log(\.\w+T\w+\.\w+)?(\.gz)?$/.test(name));
  const seen = new Map<string, Set<number>>();
  let wrong = 0;
  for (const name of names) {
    if (names.includes(`${name}.gz`)) continue;
    for (const line of (await readOne(join(directory, name))).split('\n').slice(0, -1)) {
      const [, pid = '', text] = LINE.exec(line) ?? [];
      const number = Number(text);
      const numbers = seen.get(pid) ?? new Set();
      seen.set(pid, numbers);
      if (pid === '' || numbers.has(number)) wrong += 1;
      else numbers.add(number);
    }
  }
  return { whole: [...seen.values()].reduce((sum, { size }) => sum + size, 0), wrong };
};
