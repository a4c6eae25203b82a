/** Better than nobody: when no upstream is up, those that are blocked, and then those that were ejected. */
import type { Upstream } from './member.ts';

/** Fills `into` and returns whether there is one; never who is down or was taken out. */
export const lastResort = (
  members: readonly Upstream[],
  tried: readonly unknown[],
  into: Upstream[],
): boolean => {
  for (const availability of ['blocked', 'ejected'] as const) {
    into.length = 0;
    for (const one of members)
      if (
        one.availability === availability &&
        one.weight > 0 &&
        one.inFlight < one.maxInFlight &&
        !tried.includes(one)
      )
        into.push(one);
    if (into.length > 0) return true;
  }
  return false;
};
