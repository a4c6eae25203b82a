/** What a balancer is to go by now, put together from the apps as they are. Pure. */
import { defaultAppPool } from '../../config/balance-defaults.ts';
import type {
  BalancerSettings,
  BalancerSnapshot,
  FrontSettings,
  ListenSettings,
  MemberSnapshot,
  MemberState,
  PoolSettings,
  PoolSnapshot,
  RemotePool,
  RouteSettings,
  TlsSettings,
  UpstreamAddress,
} from '../../protocol/balance.ts';
import type { Listening } from '../../protocol/worker.ts';
import { textOf } from './upstream-text.ts';

/** A worker that balancers may send to. */
export interface BehindWorker {
  readonly id: string;
  readonly slot: number;
  readonly state: MemberState;
  readonly listening: readonly Listening[];
}

/** An app that a pool may be made of. */
export interface BehindApp {
  readonly name: string;
  /** null: its workers are reached by its own address. */
  readonly pool: PoolSettings | null;
  readonly tls: TlsSettings | null;
  /** Where its balancer listens. */
  readonly addresses: readonly string[];
  readonly publicAddress: UpstreamAddress | null;
  readonly workers: readonly BehindWorker[];
  /** It has workers, or will have some. */
  readonly expected: boolean;
}

export interface SnapshotKeys {
  readonly stickyKey: string;
  readonly ticketKeys: string;
}

/** Of the balancer itself. */
export interface Identity {
  readonly keys: SnapshotKeys;
  /** Where its settings give it no name. */
  readonly pseudonym: string;
}

export interface Built {
  readonly snapshot: Omit<BalancerSnapshot, 'revision'>;
  /** Names that routes lead to and that nobody has. */
  readonly unknown: readonly string[];
}

/** Its workers, by the socket that each has for this address (for any when it is null). */
const membersOf = ({ name, pool, workers }: BehindApp, address: string | null): MemberSnapshot[] =>
  [...workers]
    .sort((a, b) => a.slot - b.slot || (a.id < b.id ? -1 : 1))
    .flatMap(({ id, slot, state, listening }) => {
      const behind = listening.find(
        (one) => one.behind !== undefined && (address === null || one.address === address),
      )?.behind;
      if (behind === undefined) return [];
      return [
        {
          id,
          place: `${name}/${slot}`,
          slot,
          address: { kind: 'unix', path: behind.path },
          pulse: behind.pulse,
          weight: pool?.weights[slot] ?? 1,
          backup: false,
          state,
        },
      ];
    });

const poolOfApp = (name: string, app: BehindApp, address: string | null): PoolSnapshot => {
  if (app.pool !== null)
    return { name, settings: app.pool, members: membersOf(app, address), expected: app.expected };
  const at = app.publicAddress;
  const members: MemberSnapshot[] = at === null ? [] : [remoteMember(at, 1, false)];
  return { name, settings: defaultAppPool, members, expected: app.expected };
};

const remoteMember = (address: UpstreamAddress, weight: number, backup: boolean): MemberSnapshot => ({
  id: textOf(address),
  place: textOf(address),
  slot: null,
  address,
  pulse: null,
  weight,
  backup,
  state: 'up',
});

const remotePool = (name: string, { settings, to }: RemotePool): PoolSnapshot => ({
  name,
  settings,
  members: to.map(({ address, backup }, nth) => remoteMember(address, settings.weights[nth] ?? 1, backup)),
  expected: false,
});

const frontSettings = (
  { frontOf: _, listen: __, routes: ___, pools: ____, ...front }: BalancerSettings,
  { pseudonym }: Identity,
): FrontSettings => ({ ...front, pseudonym: front.pseudonym || pseudonym });

/** All that comes in goes to the app's workers. */
const allTo = (pool: string, listener: string | null): RouteSettings => ({
  text: listener === null ? `/ -> ${pool}` : `${listener} -> ${pool}`,
  place: 'balance',
  match: {
    host: '*',
    path: '/',
    methods: [],
    headers: [],
    ...(listener !== null && { listener }),
  },
  action: { kind: 'pool', pool },
  stripPrefix: '',
  addPrefix: '',
  rateLimit: null,
});

/** Of the balancer that one app has before it. A pool for each of its addresses: each is a server of its own. */
const companionSnapshot = (
  settings: BalancerSettings,
  app: BehindApp | undefined,
  self: Identity,
): Omit<BalancerSnapshot, 'revision'> => {
  const addresses = app?.addresses ?? [];
  const several = addresses.length > 1;
  const nameOf = (address: string): string => (several ? `${app!.name} ${address}` : app!.name);
  return {
    front: frontSettings(settings, self),
    listen: addresses.map((address): ListenSettings => ({ address, tls: app!.tls, proxyProtocol: false })),
    routes: addresses.map((address) => allTo(nameOf(address), several ? address : null)),
    pools: addresses.map((address) => poolOfApp(nameOf(address), app!, address)),
    ...self.keys,
  };
};

export const buildSnapshot = (
  settings: BalancerSettings,
  apps: ReadonlyMap<string, BehindApp>,
  self: Identity,
): Built => {
  if (settings.frontOf !== null)
    return { snapshot: companionSnapshot(settings, apps.get(settings.frontOf), self), unknown: [] };
  const unknown: string[] = [];
  const names = new Set(
    settings.routes.flatMap(({ action }) => (action.kind === 'pool' ? [action.pool] : [])),
  );
  const pools = [...names].map((name): PoolSnapshot => {
    const remote = settings.pools[name];
    if (remote !== undefined) return remotePool(name, remote);
    const app = apps.get(name);
    if (app !== undefined) return poolOfApp(name, app, null);
    unknown.push(name);
    return { name, settings: defaultAppPool, members: [], expected: false };
  });
  return {
    snapshot: {
      front: frontSettings(settings, self),
      listen: settings.listen,
      routes: settings.routes,
      pools,
      ...self.keys,
    },
    unknown,
  };
};
