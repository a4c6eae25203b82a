/** This process as one of those that share work: the state they share, and when it is about to leave. */
import { SkeinError } from '../core/errors.ts';
import { appLink } from '../protocol/app-link.ts';
import type { State } from '../state/contract.ts';
import { clusterState } from './cluster-state.ts';

export interface Member {
  readonly state: State;
  /** Whether it drains, and should begin nothing that another can do. */
  leaving(): boolean;
  /** Told once, when it begins to drain. */
  onLeaving(listener: () => void): void;
  /**
   * Runs when it has drained and is to end, before all hooks that were added earlier, and is waited for.
   * Returns what takes it off.
   */
  onEnding(hook: () => Promise<void>): () => void;
}

let self: Member | undefined;

/** Made when it is first needed. Throws E_STATE_ENGINE and E_STATE_CANNOT for a SKEIN_STATE that does not do. */
export const thisMember = (): Member => (self ??= makeMember());

const makeMember = (): Member => {
  const link = appLink();
  const state = clusterState();
  // Better here than as a leader who is never elected.
  if (state.engine === 'memcached')
    throw new SkeinError('E_STATE_CANNOT', {
      engine: 'Memcached',
      what: 'tell workers apart or tell them anything',
    });
  const leaving = (): boolean => {
    const phase = link?.phase();
    return phase === 'draining' || phase === 'drained';
  };
  return {
    state,
    leaving,
    onLeaving(listener) {
      const off = link?.onPhase(() => {
        if (!leaving()) return;
        off?.();
        listener();
      });
    },
    onEnding: (hook) => link?.onShutdown(hook) ?? (() => {}),
  };
};
