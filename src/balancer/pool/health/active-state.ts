/** What active checks make of an upstream: so many failures in a row take it out, so many successes bring it back. */
import type { ActiveHealth } from '../../../protocol/balance.ts';

export type ActiveState =
  /** Nobody checks it. */
  | { readonly kind: 'unchecked' }
  /** Serves until its first check; a failure there takes it out at once. */
  | { readonly kind: 'trial' }
  /** Came later: serves from its first success on. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'up'; readonly failures: number }
  | { readonly kind: 'down'; readonly successes: number };

export const isDown = ({ kind }: ActiveState): boolean => kind === 'down' || kind === 'waiting';

const UP: ActiveState = { kind: 'up', failures: 0 };
const DOWN: ActiveState = { kind: 'down', successes: 0 };

/** After a check. */
export const nextActive = (
  state: ActiveState,
  passed: boolean,
  { fall, rise }: Pick<ActiveHealth, 'fall' | 'rise'>,
): ActiveState => {
  switch (state.kind) {
    case 'unchecked':
    case 'trial':
      return passed ? UP : DOWN;
    case 'waiting':
      return passed ? UP : state;
    case 'up':
      if (passed) return UP;
      return state.failures + 1 >= fall ? DOWN : { kind: 'up', failures: state.failures + 1 };
    case 'down':
      if (!passed) return DOWN;
      return state.successes + 1 >= rise ? UP : { kind: 'down', successes: state.successes + 1 };
  }
};

/** Somebody waits for the next check to decide something. */
const isChanging = (state: ActiveState): boolean =>
  state.kind === 'waiting' ||
  (state.kind === 'up' && state.failures > 0) ||
  (state.kind === 'down' && state.successes > 0);

/** The share of the interval that lies between checks while something is about to change. */
const FAST = 0.25;
/** Spread by a tenth, so that balancers which started together do not check together for ever. */
const JITTER = 0.1;

/**
 * Milliseconds to the next check. `first`: this was the first one, after which the rhythm begins
 * anywhere in the interval. `random` gives a number in [0, 1).
 */
export const nextCheckMs = (
  state: ActiveState,
  intervalMs: number,
  first: boolean,
  random: () => number,
): number => {
  if (isChanging(state)) return intervalMs * FAST * (1 + JITTER * (random() - 0.5));
  return first ? intervalMs * (0.1 + 0.9 * random()) : intervalMs * (1 + 2 * JITTER * (random() - 0.5));
};
