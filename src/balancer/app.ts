/**
 * A balancer, from snapshots to what serves by them. A new snapshot is checked first, its certificates
 * loaded and its addresses taken; only then, in one step, requests go by it. Those that have begun keep
 * the rules they began with. What is known of an upstream stays for as long as it is a member.
 */
import type { Socket } from 'node:net';
import type { Log } from '../core/log.ts';
import type { BalancerSnapshot, FromBalancer } from '../protocol/balance.ts';
import { checkRoutes, trustList } from './check-snapshot.ts';
import { serveHttp1 } from './client/h1.ts';
import type { Front, OpenConnection, Pool, Rules } from './contract.ts';
import { createExchanges } from './exchange.ts';
import { ConnectionCount } from './limits/connection-count.ts';
import { RateLimits } from './limits/rates.ts';
import { Watches } from './limits/watches.ts';
import { Acceptor } from './listeners/acceptor.ts';
import { Listeners } from './listeners/listeners.ts';
import type { BalancerObserver } from './observe/observer.ts';
import { noticing } from './observe/notices.ts';
import { createObserver } from './observe/observer.ts';
import { createPool } from './pool/create-pool.ts';
import type { PoolTools } from './pool/tools.ts';
import { createPoolTools } from './pool/tools.ts';
import { proxyHeader } from './proxy-protocol/write.ts';
import { createRoutes } from './routes/routes.ts';
import type { Prepared, TlsSide } from './tls/tls-side.ts';
import { Tunnels } from './tunnels/tunnels.ts';
import { UpstreamConnections } from './upstream/connections.ts';

/** How long a connection may go without its first byte when the balancer stops for good. */
const SILENCE_MS = 1_000;

export interface BalancerOptions {
  readonly log: Log;
  /** Reports; undefined: nobody is told. */
  readonly say: ((said: FromBalancer) => void) | undefined;
  /** How many processes this balancer has: they drain at the same time. Default 1. */
  readonly workers?: () => number;
}

interface Live {
  readonly snapshot: BalancerSnapshot;
  readonly rules: Rules;
  readonly pools: ReadonlyMap<string, Pool>;
}

export class Balancer {
  readonly #log: Log;
  readonly #say: BalancerOptions['say'];
  readonly #workers: () => number;
  readonly #tunnels = new Tunnels();
  readonly #connections = new UpstreamConnections();
  readonly #count = new ConnectionCount();
  readonly #watches: Watches;
  readonly #observer: BalancerObserver;
  readonly #listeners: Listeners;
  readonly #open = new Map<Socket, OpenConnection>();
  readonly #front: Front & { draining: boolean };
  readonly #joinTunnel: Rules['joinTunnel'] = (...tunnel) => this.#tunnels.join(...tunnel);
  #rates: RateLimits | undefined;
  #tools: PoolTools | undefined;
  #tls: TlsSide | undefined;
  #live: Live | undefined;

  constructor({ log, say, workers = () => 1 }: BalancerOptions) {
    this.#log = log;
    this.#say = say;
    this.#workers = workers;
    this.#watches = new Watches(() => this.#now.rules.front.limits);
    this.#observer = createObserver({ say, gauges: () => this.#gauges() });
    this.#front = {
      ...createExchanges({ connections: this.#connections, proxyHeader }),
      draining: false,
      rules: () => this.#now.rules,
      watch: (onLate) => this.#watches.watch(onLate),
    };
    const acceptor = new Acceptor({
      front: this.#front,
      count: this.#count,
      trusted: () => this.#now.rules.trusted,
      http1: serveHttp1,
      http2: () => this.#tls?.http2,
      opened: (connection, socket) => this.#opened(connection, socket),
    });
    this.#listeners = new Listeners((socket, listener) => acceptor.take(socket, listener));
  }

  /** By address in `listen`, the port that is open. */
  get ports(): ReadonlyMap<string, number> {
    return new Map([...this.#listeners.open].map(([address, listener]) => [address, listener.port]));
  }

  /** Clients' connections that are open. */
  get connections(): number {
    return this.#count.total;
  }

  get #now(): Live {
    if (this.#live === undefined) throw new Error('no snapshot yet');
    return this.#live;
  }

  /** Not to be called again before the answer. Throws SnapshotRefused; the one before it stays. */
  async apply(snapshot: BalancerSnapshot): Promise<void> {
    const trusted = trustList(snapshot.front.trust);
    checkRoutes(snapshot);
    await this.#loadWhatIsUsed(snapshot);
    const certificates = this.#tls?.prepare(snapshot);
    const listeners = await this.#listeners.prepare(snapshot.listen);
    try {
      this.#swap(snapshot, trusted, certificates);
    } catch (error) {
      listeners.giveUp();
      throw error;
    }
    if (certificates !== undefined) this.#tls?.commit(certificates);
    listeners.commit((settings) => ({
      settings,
      secure: certificates?.terminators.get(settings.address) ?? null,
    }));
  }

  async #loadWhatIsUsed({ listen, front, routes, pools, stickyKey }: BalancerSnapshot): Promise<void> {
    if (this.#tls === undefined && listen.some(({ tls }) => tls !== null)) {
      const { TlsSide } = await import('./tls/tls-side.ts');
      this.#tls = new TlsSide({
        onChange: () => this.#certificatesChanged(),
        onRefused: (reason) => this.#log('error', `certificates stay as they were: ${reason}`),
      });
    }
    const limited = front.limits.rate !== null || routes.some(({ rateLimit }) => rateLimit !== null);
    const split = pools.some(({ settings }) => settings.split?.by.kind === 'state');
    const shared = limited || split ? await import('./shared-state.ts') : undefined;
    if (this.#rates === undefined || (limited && !this.#rates.shares))
      this.#rates = new RateLimits(shared?.stateForRates());
    this.#tools ??= createPoolTools({
      log: noticing(this.#log, this.#say),
      stickyKey: Buffer.from(stickyKey, 'base64'),
      state: async (pool) => (await import('./shared-state.ts')).stateOfApp(pool),
      gone: (member) => this.#connections.forget(member),
    });
  }

  /** All or nothing. */
  #swap(snapshot: BalancerSnapshot, trusted: Rules['trusted'], _certificates: Prepared | undefined): void {
    const rates = this.#rates;
    if (this.#tools === undefined || rates === undefined) throw new Error('nothing is loaded');
    // The key of another snapshot may be another one.
    const tools = { ...this.#tools, stickyKey: Buffer.from(snapshot.stickyKey, 'base64') };
    const before = this.#live?.pools;
    const pools = new Map<string, Pool>(
      snapshot.pools.map((pool) => [pool.name, createPool(pool, before?.get(pool.name), tools)]),
    );
    const { front } = snapshot;
    this.#observer.logAs(front.accessLog.format);
    this.#live = {
      snapshot,
      pools,
      rules: {
        front,
        trusted,
        routes: createRoutes(snapshot.routes, pools),
        observer: this.#observer,
        rates: rates.of(front, snapshot.routes),
        joinTunnel: this.#joinTunnel,
      },
    };
    for (const [name, pool] of before ?? []) if (!pools.has(name)) pool.close();
  }

  #certificatesChanged(): void {
    const { ticketKeys, listen } = this.#now.snapshot;
    for (const settings of listen) {
      const secure = this.#tls?.terminator(settings, ticketKeys) ?? null;
      if (secure !== null) this.#listeners.open.get(settings.address)?.go({ settings, secure });
    }
    this.#log('info', 'certificates have changed and are served');
  }

  #opened(connection: OpenConnection, socket: Socket): void {
    if (socket.destroyed) return;
    this.#open.set(socket, connection);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#front.draining) connection.drain();
  }

  #gauges(): ReturnType<Parameters<typeof createObserver>[0]['gauges']> {
    const pools = [...(this.#live?.pools ?? [])].map(([name, pool]) => ({
      name,
      pool,
      report: pool.report(),
    }));
    return {
      connections: this.#count.total,
      tunnels: this.#tunnels.size,
      inFlight: pools.flatMap(({ report }) => report).reduce((sum, { inFlight }) => sum + inFlight, 0),
      queued: pools.reduce((sum, { pool }) => sum + pool.queued, 0),
      pools: Object.fromEntries(pools.map(({ name, report }) => [name, report])),
    };
  }

  /**
   * Accepts no more. Connections end with their next answer, tunnels spread over time; whoever runs this
   * process has a limit for it.
   */
  drain(): void {
    if (this.#front.draining) return;
    this.#front.draining = true;
    this.#listeners.close();
    for (const connection of this.#open.values()) connection.drain();
    if (this.#live === undefined) return;
    this.#tunnels.leave(this.#live.rules.front.closeTunnelsPerSecond / Math.max(1, this.#workers()));
  }

  /**
   * Nobody will be there for a next request: connections that wait for one end at once, and those that
   * were opened in advance in a moment.
   */
  endIdle(): void {
    this.drain();
    this.#tunnels.leaveAtOnce();
    const end = (silent: boolean): void => {
      for (const [socket, connection] of this.#open)
        if (connection.idle && (silent || socket.bytesRead > 0)) socket.end();
    };
    end(false);
    setTimeout(() => end(true), SILENCE_MS).unref();
  }

  /** The last lines of the log, and the last report. */
  async close(): Promise<void> {
    this.drain();
    this.#tls?.close();
    await this.#observer.close();
  }
}
