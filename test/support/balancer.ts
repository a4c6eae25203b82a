/**
 * A balancer in this process, of the data path alone: HTTP/1 clients, exchanges and upstreams' connections,
 * over a pool that knows no health, with one route. For tests of bytes in and out.
 */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { BlockList, createServer } from 'node:net';
import { toAddress } from '../../src/balancer/headers/address.ts';
import { isTrusted } from '../../src/balancer/headers/client-address.ts';
import { serveHttp1 } from '../../src/balancer/client/h1.ts';
import type {
  Decision,
  Expected,
  Front,
  Outcome,
  Pool,
  PoolMember,
  Refused,
  Rules,
  TunnelEnd,
  TunnelSettings,
  Waiter,
} from '../../src/balancer/contract.ts';
import { createExchanges } from '../../src/balancer/exchange.ts';
import type { ExchangeTools } from '../../src/balancer/upstream-side.ts';
import { newUpstream } from '../../src/balancer/upstream.ts';
import { UpstreamConnections } from '../../src/balancer/upstream/connections.ts';
import { leastConnections } from '../../src/balancer/policies/least-connections.ts';
import { eligible } from '../../src/balancer/eligible.ts';
import { defaultFront, defaultPool } from '../../src/config/balance-defaults.ts';
import type { FrontSettings, PoolSettings, UpstreamAddress } from '../../src/protocol/balance.ts';
import { routeOf } from './balance-route.ts';

/** What a test may want to see of how a request ended, copied while it can be. */
export type Ended = Pick<
  Outcome,
  'status' | 'tries' | 'reused' | 'termination' | 'bytesIn' | 'bytesOut' | 'queueMs' | 'connectMs'
> & {
  readonly method: string;
  readonly upstream: string | undefined;
  readonly requestId: string | undefined;
};

export interface TestPool extends Pool {
  readonly members: (PoolMember & { inFlight: number; requests: number; availability: string })[];
  readonly observed: string[];
  readonly waiting: Waiter[];
  /** Serves who waits. */
  serve(): void;
  retries: number;
  cookie: (cookie: string) => string | undefined;
  lines: string;
}

export const testPool = (to: readonly UpstreamAddress[], settings: Partial<PoolSettings> = {}): TestPool => {
  const into: PoolMember[] = [];
  const pool: TestPool = {
    name: 'web',
    settings: { ...defaultPool, ...settings },
    members: to.map((address, at) => ({
      ...newUpstream(`u${String(at)}`),
      place: `u${String(at)}`,
      slot: null,
      address,
      requests: 0,
      heard: 0,
      reused: 0,
      availability: 'up',
      backup: false,
      maxInFlight: Infinity,
    })),
    observed: [],
    get queued() {
      return pool.waiting.length;
    },
    report: () => [],
    close: () => undefined,
    waiting: [],
    retries: 0,
    lines: '',
    cookie: (cookie) => cookie,
    take: (waiter): PoolMember | Refused | undefined => {
      if (pool.members.length === 0) return { status: 503, why: 'no-upstream', retryAfterS: 5 };
      if (eligible(pool.members, waiter.tried, into) === 'tried') eligible(pool.members, [], into);
      const one = leastConnections.pick(into, '');
      if (one === undefined) {
        pool.waiting.push(waiter);
        return undefined;
      }
      one.inFlight += 1;
      (one as { requests: number }).requests += 1;
      return one;
    },
    serve: () => {
      for (const waiter of pool.waiting.splice(0)) {
        const found = pool.take(waiter);
        if (found !== undefined && 'place' in found) waiter.onUpstream(found);
      }
    },
    cancel: (waiter) => {
      pool.waiting.splice(pool.waiting.indexOf(waiter), 1);
    },
    release: (one) => {
      one.inFlight -= 1;
    },
    observe: (one, result) => void pool.observed.push(`${one.id} ${result}`),
    spendRetry: () => {
      pool.retries += 1;
      return true;
    },
    responseLines: () => pool.lines,
    cookieFor: (cookie) => pool.cookie(cookie),
  };
  return pool;
};

/** Without limits in time; `drain` and `lent` bytes only. */
const joinTunnel = (client: TunnelEnd, upstream: TunnelEnd, { onEnd }: TunnelSettings): void => {
  const bytes = [client.head.length, upstream.head.length];
  let open = 2;
  const over = (): void => {
    open -= 1;
    if (open === 0) onEnd('closed', bytes[0] ?? 0, bytes[1] ?? 0);
  };
  const flow = (from: TunnelEnd, to: TunnelEnd, at: number): void => {
    const pass = (chunk: Uint8Array): boolean => {
      bytes[at] = (bytes[at] ?? 0) + chunk.length;
      return to.socket.write(chunk);
    };
    if (from.head.length > 0) to.socket.write(from.head);
    if (from.receive === undefined)
      from.socket.on('data', (chunk: Buffer) => pass(chunk) || from.socket.pause());
    else from.receive(pass);
    to.socket.on('drain', () => from.socket.resume());
    from.socket.on('end', () => to.socket.end());
    from.socket.on('error', () => to.socket.destroy());
    from.socket.on('close', over);
  };
  flow(client, upstream, 0);
  flow(upstream, client, 1);
  client.socket.resume();
};

export interface TestBalancer {
  readonly port: number;
  readonly server: Server;
  readonly ended: Ended[];
  readonly connections: UpstreamConnections;
  readonly sockets: Set<Socket>;
  /** The last connection's; call `late` to say that the client took too long. */
  readonly late: { now: (what: Expected) => void };
  draining: boolean;
  close(): Promise<void>;
}

export interface TestBalancerOptions {
  readonly front?: Partial<FrontSettings>;
  readonly decide?: Rules['routes']['decide'];
  readonly rates?: Rules['rates'];
  readonly observer?: Rules['observer'];
  readonly proxyHeader?: ExchangeTools['proxyHeader'];
}

export const startBalancer = async (pool: Pool, options: TestBalancerOptions = {}): Promise<TestBalancer> => {
  const front: FrontSettings = { ...defaultFront, pseudonym: 'skein', ...options.front };
  const trusted = new BlockList();
  for (const address of front.trust) trusted.addAddress(address, address.includes(':') ? 'ipv6' : 'ipv4');
  const connections = new UpstreamConnections();
  const ended: Ended[] = [];
  const route = routeOf('/ -> web');
  const decide = (head: { readonly target: string }): Decision => ({
    kind: 'pool',
    pool,
    route,
    target: head.target,
  });
  const rules: Rules = {
    front,
    trusted,
    routes: { decide: options.decide ?? decide },
    rates: options.rates ?? { admit: () => null },
    joinTunnel,
    observer: options.observer ?? {
      ended: (outcome) => {
        const { status, tries, reused, termination, bytesIn, bytesOut, queueMs, connectMs } = outcome;
        const { requestId, head, upstream } = outcome;
        ended.push({
          ...{ status, tries, reused, termination, bytesIn, bytesOut, queueMs, connectMs, requestId },
          method: head.method,
          upstream: upstream?.id,
        });
      },
    },
  };
  const late: TestBalancer['late'] = { now: () => undefined };
  const sockets = new Set<Socket>();
  const exchanges = createExchanges({
    connections,
    proxyHeader: options.proxyHeader ?? (() => new Uint8Array()),
  });
  const asFront: Front = {
    rules: () => rules,
    get draining() {
      return balancer.draining;
    },
    ...exchanges,
    watch: (onLate) => {
      late.now = onLate;
      return { expect: () => undefined, moved: () => undefined, end: () => undefined };
    },
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const address = toAddress(socket.remoteAddress ?? '');
    const connection = {
      address,
      port: socket.remotePort,
      localAddress: socket.localAddress,
      localPort: socket.localPort,
      trusted: isTrusted(address, trusted),
      secure: false,
      protocol: '1.1',
    };
    serveHttp1(socket, new Uint8Array(), connection, asFront);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const balancer: TestBalancer = {
    port: (server.address() as AddressInfo).port,
    server,
    ended,
    connections,
    sockets,
    late,
    draining: false,
    close: async () => {
      connections.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return balancer;
};
