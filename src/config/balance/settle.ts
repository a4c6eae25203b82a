/** Settings of balancing laid over those before them. The supervisor needs it too, for patches. */
import type { BalanceSettings, FrontSettings, PolicySettings, PoolSettings } from '../../protocol/balance.ts';
import type { BalancePatch, FrontPatch, PoolPatch } from '../../protocol/balance-patch.ts';
import {
  defaultActiveHealth,
  defaultAppFront,
  defaultAppPool,
  defaultPassiveHealth,
} from '../balance-defaults.ts';

/** Of two patches one after the other. */
const both = <Part>(
  below: Part | null | undefined,
  above: Part | null | undefined,
): Part | null | undefined => (above === undefined ? below : above === null ? null : { ...below, ...above });

const given = <Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };

export const layPool = (below: PoolPatch = {}, above: PoolPatch = {}): PoolPatch => ({
  ...below,
  ...above,
  ...given('policy', both(below.policy, above.policy) ?? undefined),
  ...given('retry', both(below.retry, above.retry) ?? undefined),
  ...given('queue', both(below.queue, above.queue) ?? undefined),
  ...given('activeHealth', both(below.activeHealth, above.activeHealth)),
  ...given('passiveHealth', both(below.passiveHealth, above.passiveHealth)),
});

export const layFront = <Patch extends FrontPatch>(
  below: Patch | undefined,
  above: Patch | undefined,
): Patch | undefined =>
  below === undefined || above === undefined
    ? (above ?? below)
    : { ...below, ...above, ...given('limits', both(below.limits, above.limits) ?? undefined) };

export const layBalance = (below: BalancePatch, above: BalancePatch): BalancePatch => ({
  ...below,
  ...above,
  ...given('pool', below.pool && above.pool ? layPool(below.pool, above.pool) : (above.pool ?? below.pool)),
  ...given('front', layFront(below.front, above.front)),
});

const policyWith = (before: PolicySettings, patch: PoolPatch['policy']): PolicySettings => {
  if (patch === undefined) return before;
  const name = patch.name ?? 'hash';
  if (name !== 'hash') return { name };
  const known = before.name === 'hash' ? before.by : ({ from: 'address' } as const);
  return { name, by: patch.by ?? known };
};

export const poolWith = (before: PoolSettings, patch: PoolPatch = {}): PoolSettings => {
  const { policy, retry, queue, activeHealth, passiveHealth, ...rest } = patch;
  return {
    ...before,
    ...rest,
    policy: policyWith(before.policy, policy),
    retry: { ...before.retry, ...retry },
    queue: { ...before.queue, ...queue },
    activeHealth:
      activeHealth === undefined || activeHealth === null
        ? activeHealth === null
          ? null
          : before.activeHealth
        : { ...defaultActiveHealth, ...before.activeHealth, ...activeHealth },
    passiveHealth:
      passiveHealth === undefined || passiveHealth === null
        ? passiveHealth === null
          ? null
          : before.passiveHealth
        : { ...defaultPassiveHealth, ...before.passiveHealth, ...passiveHealth },
  };
};

export const frontWith = <Front extends FrontSettings>(
  before: Front,
  patch: FrontPatch & Partial<Omit<Front, keyof FrontSettings>> = {},
): Front => ({ ...before, ...patch, limits: { ...before.limits, ...patch.limits } });

/** @param before null: not balanced until now. */
export const balanceWith = (before: BalanceSettings | null, patch: BalancePatch): BalanceSettings => {
  const fronted = patch.fronted ?? (before === null || before.front !== null);
  return {
    pool: poolWith(before?.pool ?? defaultAppPool, patch.pool),
    front: fronted ? frontWith(before?.front ?? defaultAppFront, patch.front) : null,
  };
};
