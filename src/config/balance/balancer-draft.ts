/** What is written of a balancer so far, each value read. */
import type {
  ListenSettings,
  RateLimit,
  RouteAction,
  RouteMatch,
  TlsSettings,
  UpstreamAddress,
} from '../../protocol/balance.ts';
import type { FrontPatch, PoolPatch } from '../../protocol/balance-patch.ts';
import { layFront, layPool } from './settle.ts';

export interface WrittenUpstream {
  readonly address: UpstreamAddress;
  readonly backup: boolean;
  /** undefined: 1, or what `weights` says. */
  readonly weight: number | undefined;
}

export interface WrittenRoute {
  readonly text: string;
  readonly match: RouteMatch;
  /** A name: of a pool, or of an app. */
  readonly to:
    | RouteAction
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'upstreams'; readonly upstreams: readonly WrittenUpstream[] };
  readonly stripPrefix: string;
  readonly addPrefix: string;
  readonly rateLimit: RateLimit | null;
}

export interface WrittenPool {
  readonly to: readonly WrittenUpstream[];
  readonly pool: PoolPatch;
}

export interface BalancerDraft {
  readonly listen?: readonly (Pick<ListenSettings, 'address'> & Partial<ListenSettings>)[];
  /** For addresses that say nothing else. */
  readonly tls?: TlsSettings | null;
  readonly proxyProtocol?: boolean;
  readonly routes?: readonly WrittenRoute[];
  /** Where requests go that no route is for. */
  readonly to?: readonly WrittenUpstream[];
  readonly pools?: Readonly<Record<string, WrittenPool>>;
  /** For all its pools. */
  readonly pool?: PoolPatch;
  readonly front?: FrontPatch;
}

export const layBalancer = (below: BalancerDraft, above: BalancerDraft): BalancerDraft => ({
  ...below,
  ...above,
  ...((below.pool ?? above.pool) && { pool: layPool(below.pool, above.pool) }),
  ...((below.front ?? above.front) && { front: layFront(below.front, above.front) ?? {} }),
});
