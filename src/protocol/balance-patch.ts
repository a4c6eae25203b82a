/** What of the settings of balancing is given; the rest is as before, or by default. */
import type {
  ActiveHealth,
  FrontSettings,
  KeySource,
  Limits,
  PassiveHealth,
  PolicySettings,
  PoolSettings,
  TlsSettings,
} from './balance.ts';

export interface PoolPatch extends Partial<
  Omit<PoolSettings, 'policy' | 'retry' | 'queue' | 'activeHealth' | 'passiveHealth'>
> {
  /** `by` alone means the policy `hash`. */
  readonly policy?: { readonly name?: PolicySettings['name']; readonly by?: KeySource };
  readonly retry?: Partial<PoolSettings['retry']>;
  readonly queue?: Partial<PoolSettings['queue']>;
  /** null: no longer. */
  readonly activeHealth?: Partial<ActiveHealth> | null;
  readonly passiveHealth?: Partial<PassiveHealth> | null;
}

export interface FrontPatch extends Partial<Omit<FrontSettings, 'limits'>> {
  readonly limits?: Partial<Limits>;
}

export interface BalancePatch {
  readonly pool?: PoolPatch;
  /** false: no balancer of its own. */
  readonly fronted?: boolean;
  readonly front?: FrontPatch & { readonly workers?: number; readonly tls?: TlsSettings | null };
}
