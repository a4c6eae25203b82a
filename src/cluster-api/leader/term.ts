/** One term of a leader: over when the office is lost, and also when this worker stands down. */
import { SkeinError } from '../../core/errors.ts';
import type { Held } from '../../state/lock-lease.ts';

export interface Leadership {
  /**
   * Greater than that of every earlier leader. Give it along with each write, and let the target refuse
   * a smaller one than it has seen: only that keeps out a leader who does not know yet that he lost.
   */
  readonly token: number;
  /** Aborted, with E_LOCK_LOST as its reason, when this worker leads no more. */
  readonly signal: AbortSignal;
  /** Throws E_LOCK_LOST when this worker does not surely lead any more. */
  check(): void;
}

export interface Term extends Leadership {
  standDown(): void;
}

export const beginTerm = (held: Held): Term => {
  const over = new AbortController();
  const end = (): void => over.abort(held.signal.reason);
  if (held.signal.aborted) end();
  else held.signal.addEventListener('abort', end, { once: true });
  const { token } = held;
  return {
    token,
    signal: over.signal,
    check() {
      over.signal.throwIfAborted();
      held.check();
    },
    standDown() {
      const reason = 'this worker is leaving and stood down';
      over.abort(new SkeinError('E_LOCK_LOST', { name: 'leader', token: `${token}`, reason }));
    },
  };
};
