/** The sources of what is known about an upstream meet here. */
import type { MemberState } from '../../protocol/balance.ts';
import type { Availability } from '../eligible.ts';
import type { ActiveState } from './health/active-state.ts';
import { isDown } from './health/active-state.ts';
import type { BreakerState } from './health/breaker.ts';

const byBreaker = (breaker: BreakerState): Availability => {
  switch (breaker.kind) {
    case 'closed':
      return 'up';
    case 'half-open':
      // One request decides; until it has, nobody else goes there.
      if (!breaker.asked) return 'up';
      return breaker.why === 'refused' ? 'down' : 'ejected';
    case 'open':
      return breaker.why === 'refused' ? 'down' : 'ejected';
  }
};

/** What a person said goes before what was measured. */
export const availabilityOf = (
  state: MemberState,
  active: ActiveState,
  breaker: BreakerState,
  blocked: boolean,
): Availability => {
  if (state !== 'up') return state;
  if (isDown(active)) return 'down';
  const passive = byBreaker(breaker);
  return passive === 'up' && blocked ? 'blocked' : passive;
};
