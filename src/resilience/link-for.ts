/** Which link a breaker gets. */
import { clusterState } from '../cluster-api/cluster-state.ts';
import { SkeinError } from '../core/errors.ts';
import { wholeKey } from '../state/limits.ts';
import type { BreakerLink } from './breaker-link.ts';
import { createStateLink } from './state-link.ts';

export interface LinkOptions {
  /**
   * All breakers of this name in the app's workers act as one: over Skein's own state, over Redis with
   * SKEIN_STATE, and within this process where there is neither. Default: false.
   */
  readonly shared?: boolean;
  /** Instead of `shared`: what carries news between the breakers of this name. */
  readonly link?: BreakerLink;
}

/** Throws E_STATE_KEY for a name that cannot be a key, E_STATE_CANNOT and E_STATE_ENGINE for SKEIN_STATE. */
export const linkFor = (name: string, { shared = false, link }: LinkOptions): BreakerLink | undefined => {
  if (!shared) return link;
  if (link !== undefined) {
    const bad = {
      option: 'breaker',
      value: '`shared` together with `link`',
      expected: 'one way to connect it',
    };
    throw new SkeinError('E_BAD_VALUE', { ...bad, example: '{ shared: true }' });
  }
  const state = clusterState().namespace('breaker');
  if (state.engine === 'memcached')
    throw new SkeinError('E_STATE_CANNOT', { engine: 'Memcached', what: 'share a breaker' });
  wholeKey(`${state.prefix}news:`, name);
  return createStateLink(state);
};
