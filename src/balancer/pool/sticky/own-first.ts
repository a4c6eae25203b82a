/** What a request does whose session has a home. */
import type { Upstream } from '../member.ts';

const hasPlace = ({ inFlight, maxInFlight }: Upstream): boolean => inFlight < maxInFlight;

/**
 * `own`: its home serves it, also while it drains. `wait`: it is full or blocked, which passes, and a
 * session is worth a moment. `other`: it cannot be had, so the session moves.
 */
export const ownFirst = (home: Upstream, members: readonly Upstream[]): 'own' | 'wait' | 'other' => {
  switch (home.availability) {
    case 'maintenance':
    case 'down':
    case 'ejected':
      return 'other';
    case 'blocked':
      // Better than nobody.
      if (members.some(({ availability }) => availability === 'up')) return 'wait';
      return hasPlace(home) ? 'own' : 'wait';
    case 'draining':
      if (!home.healthy) return home.blocked ? 'wait' : 'other';
      return hasPlace(home) ? 'own' : 'wait';
    case 'up':
      return hasPlace(home) ? 'own' : 'wait';
  }
};
