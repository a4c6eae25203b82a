/** Drafts of an app laid over each other. */
import { layBalancer } from './balance/balancer-draft.ts';
import { layBalance } from './balance/settle.ts';
import type { Draft } from './field.ts';

const both = <Part>(
  below: Part | null | undefined,
  above: Part | null | undefined,
): Part | null | undefined =>
  above === undefined || above === null || below === undefined || below === null
    ? above === undefined
      ? below
      : above
    : { ...below, ...above };

const given = <Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };

/** What `above` says counts; groups of settings are laid over each other setting by setting. */
export const layOver = (below: Draft, above: Draft): Draft => {
  const rotation = both(below.logs?.rotation, above.logs?.rotation);
  const logs = both(below.logs, above.logs);
  return {
    ...below,
    ...above,
    ...given('restart', both(below.restart, above.restart) ?? undefined),
    ...given('hooks', both(below.hooks, above.hooks) ?? undefined),
    ...given('watch', both(below.watch, above.watch)),
    ...given('cron', both(below.cron, above.cron)),
    ...given('variables', both(below.variables, above.variables) ?? undefined),
    ...given(
      'balance',
      above.balance && below.balance ? layBalance(below.balance, above.balance) : undefined,
    ),
    ...given(
      'balancer',
      above.balancer && below.balancer ? layBalancer(below.balancer, above.balancer) : undefined,
    ),
    ...given('logs', logs && rotation ? { ...logs, rotation } : (logs ?? undefined)),
  };
};
