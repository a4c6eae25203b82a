/** Who may serve a request at all; a policy chooses among them. */
import type { Upstream } from './upstream.ts';

export type Availability =
  | 'up'
  /** Its event loop has not answered for a moment. */
  | 'blocked'
  /** Ends what it has, takes nothing new. */
  | 'draining'
  /** Taken out by a person. */
  | 'maintenance'
  /** Failed its health checks. */
  | 'down'
  /** Failed too many real requests. */
  | 'ejected';

export interface Member extends Upstream {
  readonly availability: Availability;
  /** Serves only when no primary can. */
  readonly backup: boolean;
  /** Requests and tunnels at the same time; Infinity: no limit. */
  readonly maxInFlight: number;
}

/** Why there is nobody: a request may wait for a place or a restart, but not for who failed it already. */
export type Eligible = 'some' | 'full' | 'tried' | 'unavailable';

/**
 * Fills `into`, which the caller reuses, with those a policy may choose from: the primaries, or the
 * backups when there is none of them. `tried` are those that failed this very request.
 */
export const eligible = <M extends Member>(
  members: readonly M[],
  tried: readonly Upstream[],
  into: M[],
): Eligible => {
  into.length = 0;
  let primaries = false;
  let why: Eligible = 'unavailable';
  for (const one of members) {
    if (one.availability !== 'up' || !(one.weight > 0)) continue;
    if (tried.length > 0 && tried.includes(one)) {
      if (why === 'unavailable') why = 'tried';
    } else if (one.inFlight >= one.maxInFlight) {
      why = 'full';
    } else if (!one.backup && !primaries) {
      primaries = true;
      into.length = 0;
      into.push(one);
    } else if (one.backup !== primaries) {
      into.push(one);
    }
  }
  return into.length > 0 ? 'some' : why;
};
