/** The policies as users name them. */
import { hash } from './hash.ts';
import { leastConnections } from './least-connections.ts';
import { leastTime } from './least-time.ts';
import type { Policy } from './policy.ts';
import { powerOfTwo } from './power-of-two.ts';
import { randomChoice } from './random.ts';
import { roundRobin } from './round-robin.ts';

export interface PolicyTools {
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

export type PolicyName =
  | 'round-robin'
  | 'least-connections'
  | 'power-of-two'
  | 'least-time'
  | 'hash'
  | 'random';

/** Each pool makes its own. */
export const policies: Readonly<Record<PolicyName, (tools: PolicyTools) => Policy>> = {
  'round-robin': () => roundRobin,
  'least-connections': () => leastConnections,
  'power-of-two': ({ random }) => powerOfTwo(random),
  'least-time': ({ now }) => leastTime({ now }),
  hash: () => hash(),
  random: ({ random }) => randomChoice(random),
};
