/**
 * The life of one worker, from its start to what its slot does afterwards. This is the only place
 * that says which state follows which; `transition` is pure and total.
 *
 *   starting ──ready──▶ ready ──drain──▶ draining ──drained──▶ stopping ──exited──▶ stopped
 *      │                  │                  │                    ▲
 *      ├──────stop────────┴──────stop────────┴────────────────────┘
 *      └──exited─────────▶┴──exited──▶ backing-off ──(its slot is filled anew)
 *                                      failed, stopped  (as the restart policy says)
 */
import type { Exit } from '../protocol/holder.ts';

/** Times are milliseconds since the epoch. */
export type WorkerState =
  | { readonly name: 'starting'; readonly since: number }
  | { readonly name: 'ready'; readonly since: number }
  | { readonly name: 'draining'; readonly since: number; readonly limitAt: number }
  | { readonly name: 'stopping'; readonly since: number; readonly killAt: number; readonly killed: boolean }
  /** Ended: `asked` to by us, or by the app's own will, and then its slot is not filled again. */
  | { readonly name: 'stopped'; readonly since: number; readonly exit: Exit; readonly asked: boolean }
  /** Ended without being asked to; its slot is filled again at `until`. */
  | { readonly name: 'backing-off'; readonly since: number; readonly until: number; readonly exit: Exit }
  /** Ended, and the restart policy has given up. */
  | { readonly name: 'failed'; readonly since: number; readonly exit: Exit | null; readonly reason: string };

/** What the restart policy says about a worker that ended without being asked to. */
export type Verdict =
  | { readonly then: 'restart'; readonly afterMs: number }
  | { readonly then: 'stay-stopped' }
  | { readonly then: 'give-up'; readonly reason: string };

export type WorkerEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'drain'; readonly limitMs: number }
  /** The stop signal is sent. */
  | { readonly type: 'stop'; readonly killTimeoutMs: number }
  | { readonly type: 'kill' }
  | { readonly type: 'exited'; readonly exit: Exit; readonly verdict: Verdict };

export const isAlive = (state: WorkerState): boolean =>
  state.name === 'starting' ||
  state.name === 'ready' ||
  state.name === 'draining' ||
  state.name === 'stopping';

/** The state after an event. An event that means nothing in a state leaves it as it is. */
export const transition = (state: WorkerState, event: WorkerEvent, now: number): WorkerState => {
  if (!isAlive(state)) return state;
  switch (event.type) {
    case 'ready':
      return state.name === 'starting' ? { name: 'ready', since: now } : state;
    case 'drain':
      return state.name === 'starting' || state.name === 'ready'
        ? { name: 'draining', since: now, limitAt: now + event.limitMs }
        : state;
    case 'stop':
      return state.name === 'stopping'
        ? state
        : { name: 'stopping', since: now, killAt: now + event.killTimeoutMs, killed: false };
    case 'kill':
      return { name: 'stopping', since: now, killAt: now, killed: true };
    case 'exited':
      return ended(state, event.exit, event.verdict, now);
  }
};

const ended = (state: WorkerState, exit: Exit, verdict: Verdict, now: number): WorkerState => {
  if (state.name === 'draining' || state.name === 'stopping')
    return { name: 'stopped', since: now, exit, asked: true };
  switch (verdict.then) {
    case 'restart':
      return { name: 'backing-off', since: now, until: now + verdict.afterMs, exit };
    case 'stay-stopped':
      return { name: 'stopped', since: now, exit, asked: false };
    case 'give-up':
      return { name: 'failed', since: now, exit, reason: verdict.reason };
  }
};
