/** A whole balancer in this process, as src/entry/balancer.ts has it, in front of an upstream of the test. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Balancer } from '../../src/balancer/app.ts';
import { defaultFront, defaultPool } from '../../src/config/balance-defaults.ts';
import type {
  BalancerSnapshot,
  FrontSettings,
  Limits,
  ListenSettings,
  PoolSettings,
} from '../../src/protocol/balance.ts';
import { routeOf } from './balance-route.ts';
import { until } from './wait.ts';

export interface SnapshotParts {
  readonly listen?: readonly (Partial<ListenSettings> & { readonly address: string })[];
  readonly front?: Partial<FrontSettings>;
  readonly limits?: Partial<Limits>;
  readonly pool?: Partial<PoolSettings>;
  readonly change?: Partial<BalancerSnapshot>;
}

export interface Live {
  readonly balancer: Balancer;
  readonly upstream: Server;
  /** What its log said. */
  readonly said: string[];
  readonly snapshot: (parts?: SnapshotParts) => BalancerSnapshot;
  readonly apply: (parts?: SnapshotParts) => Promise<void>;
  /** Of the first address. */
  readonly port: () => number;
}

export const certificate = (name: string): { readonly cert: string; readonly key: string } => ({
  cert: join(import.meta.dirname, `../fixtures/certificates/${name}.crt`),
  key: join(import.meta.dirname, `../fixtures/certificates/${name}.key`),
});

export const tls = (...names: string[]): ListenSettings['tls'] => ({
  certificates: names.map((name) => certificate(name)),
  minVersion: 'TLSv1.2',
  http2: true,
});

/** Everything ends with the test, and then nothing may be in flight. */
export const startLive = async (
  context: TestContext,
  answer: RequestListener,
  first: SnapshotParts = {},
): Promise<Live> => {
  const directory = mkdtempSync(join(tmpdir(), 'sb-'));
  const path = join(directory, 'up.sock');
  const upstream = createServer(answer);
  upstream.listen(path);
  await once(upstream, 'listening');
  const said: string[] = [];
  const balancer = new Balancer({ log: (_level, message) => void said.push(message), say: undefined });
  let revision = 0;
  const snapshot = ({ listen, front, limits, pool, change }: SnapshotParts = {}): BalancerSnapshot => ({
    revision: (revision += 1),
    front: { ...defaultFront, pseudonym: 'skein', ...front, limits: { ...defaultFront.limits, ...limits } },
    listen: (listen ?? [{ address: '127.0.0.1:0' }]).map((one) => ({
      tls: null,
      proxyProtocol: false,
      ...one,
    })),
    routes: [routeOf('/ -> web')],
    pools: [
      {
        name: 'web',
        settings: { ...defaultPool, ...pool },
        members: [
          {
            id: 'a',
            place: 'app/0',
            slot: 0,
            address: { kind: 'unix', path },
            pulse: null,
            weight: 1,
            backup: false,
            state: 'up',
          },
        ],
        expected: false,
      },
    ],
    stickyKey: Buffer.alloc(32, 1).toString('base64'),
    ticketKeys: Buffer.alloc(48, 2).toString('base64'),
    ...change,
  });
  context.after(async () => {
    upstream.closeAllConnections();
    upstream.close();
    await balancer.close();
    await until('no client is left', () => balancer.connections === 0);
    rmSync(directory, { recursive: true });
  });
  const apply = (parts?: SnapshotParts): Promise<void> => balancer.apply(snapshot(parts));
  await apply(first);
  const port = (): number => [...balancer.ports.values()][0] ?? 0;
  return { balancer, upstream, said, snapshot, apply, port };
};
