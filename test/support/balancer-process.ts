/** A balancer as a process of its own, which goes by a file: its real entry, with its access log on stdout. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultFront, defaultPool } from '../../src/config/balance-defaults.ts';
import type {
  BalancerSnapshot,
  MemberSnapshot,
  PoolSettings,
  PoolSnapshot,
  RouteSettings,
  UpstreamAddress,
} from '../../src/protocol/balance.ts';
import { until } from './wait.ts';

const entry = fileURLToPath(new URL('../../src/entry/balancer.ts', import.meta.url));

export const snapshotMember = (address: UpstreamAddress, place: string): MemberSnapshot => ({
  id: place,
  place,
  slot: null,
  address,
  pulse: null,
  weight: 1,
  backup: false,
  state: 'up',
});

export const snapshotPool = (
  name: string,
  to: readonly UpstreamAddress[],
  settings: Partial<PoolSettings> = {},
  expected = false,
): PoolSnapshot => ({
  name,
  settings: { ...defaultPool, ...settings },
  members: to.map((address, at) => snapshotMember(address, `${name}/${at}`)),
  expected,
});

/** `/<name>/* -> <name>` */
export const routeTo = (pool: string, changes: Partial<RouteSettings> = {}): RouteSettings => ({
  text: `/${pool}/* -> ${pool}`,
  place: `balancer.routes.${pool}`,
  match: { host: '*', path: `/${pool}`, methods: [], headers: [] },
  action: { kind: 'pool', pool },
  stripPrefix: '',
  addPrefix: '',
  rateLimit: null,
  ...changes,
});

export const snapshotOf = (changes: Partial<BalancerSnapshot>): BalancerSnapshot => ({
  revision: 1,
  front: { ...defaultFront, pseudonym: 'skein', accessLog: { format: 'json' } },
  listen: [{ address: '127.0.0.1:0', tls: null, proxyProtocol: false }],
  routes: [],
  pools: [],
  stickyKey: Buffer.alloc(32, 1).toString('base64'),
  ticketKeys: Buffer.alloc(48, 2).toString('base64'),
  ...changes,
});

export type LogEntry = Readonly<Record<string, unknown>>;

export interface BalancerProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** What is on stdout so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The line of the JSON log about this path. */
  lineOf(path: string): Promise<LogEntry>;
  /** Goes by another snapshot; resolves when it does, or says why not. */
  apply(snapshot: BalancerSnapshot): Promise<void>;
  /** Ends it at once, and removes its files. */
  close(): Promise<void>;
}

export const startBalancerProcess = async (snapshot: BalancerSnapshot): Promise<BalancerProcess> => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-bal-'));
  const file = join(dir, 'snapshot.json');
  writeFileSync(file, JSON.stringify(snapshot));
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env['PATH'], SKEIN_BALANCER_SNAPSHOT: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const port = await until('the balancer listens', () => {
    if (child.exitCode !== null) throw new Error(`the balancer ended: ${stderr}`);
    return Number(/listens on .*\(port (\d+)\)/.exec(stderr)?.[1] ?? 0) || null;
  });
  const lines = (): LogEntry[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogEntry);
  return {
    child,
    port,
    stdout: () => stdout,
    stderr: () => stderr,
    lineOf: (path) => until(`the log's line of ${path}`, () => lines().find((line) => line['path'] === path)),
    apply: async (next) => {
      const said = stderr.length;
      writeFileSync(file, JSON.stringify(next));
      child.kill('SIGHUP');
      await until('an answer to the snapshot', () => stderr.length > said);
    },
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(dir, { recursive: true });
    },
  };
};
