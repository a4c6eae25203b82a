/** Our balancer as a process that goes by a snapshot in a file, one for each way it can be set. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { defaultFront, defaultPool } from '../../../src/config/balance-defaults.ts';
import type {
  BalancerSnapshot,
  FrontSettings,
  ListenSettings,
  PoolSettings,
} from '../../../src/protocol/balance.ts';
import { freePort } from '../../support/ports.ts';
import type { Setup } from './case.ts';
import type { Lane } from './observe.ts';
import { below } from './peer.ts';
import { connectTo, startProgram } from './proxies.ts';
import { upstream } from './upstream.ts';

const ENTRY = join(import.meta.dirname, '../../../src/entry/balancer.ts');

/** What a setup changes of the defaults. */
const fronts: Readonly<Record<Setup, Partial<FrontSettings>>> = {
  plain: {},
  repeating: {},
  proxied: { trust: ['127.0.0.0/8'], forwarded: true },
  trusting: { trust: ['127.0.0.0/8', '::1/128'], forwarded: true },
  narrow: {
    limits: {
      ...defaultFront.limits,
      headerBytes: 2048,
      headerCount: 20,
      headerTimeoutMs: 400,
      bodyTimeoutMs: 400,
      bodyBytes: 1000,
      keepAliveTimeoutMs: 400,
      keepAliveRequests: 4,
    },
  },
};

const pools: Readonly<Record<Setup, Partial<PoolSettings>>> = {
  plain: {},
  repeating: { retry: { ...defaultPool.retry, idempotent: true, budgetAtLeast: 10_000 } },
  trusting: {},
  proxied: {},
  narrow: { responseTimeoutMs: 400, idleTimeoutMs: 400 },
};

const snapshotOf = (setup: Setup, listen: readonly ListenSettings[], to: number): BalancerSnapshot => ({
  revision: 1,
  front: { ...defaultFront, pseudonym: 'skein', ...fronts[setup] },
  listen,
  routes: [
    {
      text: '/ -> only',
      place: 'routes[0]',
      match: { host: '*', path: '/', methods: [], headers: [] },
      action: { kind: 'pool', pool: 'only' },
      stripPrefix: '',
      addPrefix: '',
      rateLimit: null,
    },
  ],
  pools: [
    {
      name: 'only',
      settings: {
        ...defaultPool,
        // One upstream whose failures are the point of many cases, one after the other.
        passiveHealth: null,
        retry: { ...defaultPool.retry, budgetAtLeast: 10_000 },
        ...pools[setup],
      },
      members: [
        {
          id: 'only',
          place: 'only',
          slot: null,
          address: { kind: 'tcp', host: '127.0.0.1', port: to },
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
});

export interface Balancer {
  readonly plain: Lane;
  /** The same over TLS, HTTP/1.1 by ALPN. */
  readonly tls: Lane;
  /** The same over IPv6. */
  readonly ipv6: Lane;
  readonly tlsPort: number;
  stop(): Promise<void>;
}

const certificate = (folder: string): void => {
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=a', '-addext', 'subjectAltName=DNS:a,IP:127.0.0.1'],
      ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
};

const connectSecurely = async (port: number): Promise<TLSSocket> => {
  const tcp = await connectTo(port);
  const socket = connectTls({
    socket: tcp,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
  });
  below.set(socket, tcp);
  await once(socket, 'secureConnect');
  return socket;
};

export const balancer = async (setup: Setup, patienceMs = 3000): Promise<Balancer> => {
  const [to, port, tlsPort, ipv6Port] = await Promise.all([upstream(), freePort(), freePort(), freePort()]);
  const listen = (folder: string): readonly ListenSettings[] => [
    { address: `127.0.0.1:${port}`, tls: null, proxyProtocol: setup === 'proxied' },
    { address: `[::1]:${ipv6Port}`, tls: null, proxyProtocol: false },
    {
      address: `127.0.0.1:${tlsPort}`,
      tls: {
        certificates: [{ cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }],
        minVersion: 'TLSv1.2',
        http2: true,
      },
      proxyProtocol: false,
    },
  ];
  const stop = await startProgram(
    () => [process.execPath, ENTRY],
    (folder) => {
      certificate(folder);
      return { 'snapshot.json': JSON.stringify(snapshotOf(setup, listen(folder), to.port)) };
    },
    [port, tlsPort],
    (folder) => ({ SKEIN_BALANCER_SNAPSHOT: join(folder, 'snapshot.json') }),
  );
  const lane = (connect: () => Promise<Socket>): Lane => ({ connect, upstream: to, patienceMs });
  return {
    plain: {
      ...lane(() => connectTo(port)),
      ...(setup === 'proxied' ? { greeting: 'PROXY UNKNOWN\r\n' } : {}),
    },
    tls: lane(() => connectSecurely(tlsPort)),
    ipv6: lane(() => connectTo(ipv6Port, '::1')),
    tlsPort,
    async stop() {
      await stop();
      to.close();
    },
  };
};
