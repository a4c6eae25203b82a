/** A real state server of Skein in a process of its own, on a socket in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { entryFile } from '../../src/core/entry-url.ts';
import { until } from './wait.ts';

export interface StateServerProcess {
  /** Of the socket. */
  readonly path: string;
  /** For SKEIN_STATE and the option `url`. */
  readonly url: string;
  readonly pid: number;
  /** What it has written to stderr. */
  readonly output: string;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and over. Keeps its directory for `start`. */
  kill(): Promise<void>;
  start(...args: readonly string[]): Promise<void>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  close(): Promise<void>;
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

export const startStateServerProcess = async (
  store: string,
  ...args: readonly string[]
): Promise<StateServerProcess> => {
  // Short: the path of a socket has at most 107 bytes.
  const directory = mkdtempSync('/tmp/skst-');
  const path = join(directory, 'state.sock');
  let child: ChildProcess | undefined;
  let ended = Promise.resolve<number | null>(0);
  let output = '';
  const server: StateServerProcess = {
    path,
    url: `embedded:${encodeURIComponent(path)}?store=${encodeURIComponent(store)}`,
    get pid() {
      return child?.pid ?? 0;
    },
    get output() {
      return output;
    },
    get ended() {
      return ended;
    },
    signal: (signal) => void child?.kill(signal),
    async kill() {
      child?.kill('SIGKILL');
      await ended;
    },
    async start(...more) {
      const before = inodeOf(path);
      const started = spawn(process.execPath, [entryFile('state-server'), '--socket', path, ...more], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      started.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
      ended = once(started, 'exit').then(([code]) => code as number | null);
      await until('the state server listens', () => started.exitCode !== null || inodeOf(path) !== before);
    },
    async close() {
      await server.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start(...args);
  return server;
};
