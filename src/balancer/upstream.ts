/**
 * What decides about an upstream sees of it. The pool that owns it adds how to reach it, and keeps the
 * same object for as long as the upstream is a member, so what is learnt survives every new snapshot.
 */
import { hashOf } from './hash-of.ts';

export interface Upstream {
  /** Stable: the same worker or address has the same id after a restart and on every machine. */
  readonly id: string;
  /** Of the id, for the policy `hash`. */
  readonly hash: number;
  /** As it is now, slow start applied; 0: nothing new. */
  weight: number;
  /** Requests without a complete answer, and open tunnels. */
  inFlight: number;
  /** Its place in the weighted rounds; belongs to `policies/round-robin.ts`. */
  credit: number;
  /** Belongs to `policies/least-time.ts`. */
  readonly timing: Timing;
}

export interface Timing {
  /** Milliseconds to the first byte; 0: nothing is known, nor guessed. */
  ewmaMs: number;
  /** When the last answer was seen; -Infinity: never. */
  observedAt: number;
  /** From when on its silence makes it look faster, so that it is tried again. */
  quietSince: number;
}

export const newUpstream = (id: string, weight = 1): Upstream => ({
  id,
  hash: hashOf(id),
  weight,
  inFlight: 0,
  credit: 0,
  timing: { ewmaMs: 0, observedAt: -Infinity, quietSince: -Infinity },
});
