/**
 * How the state server comes and goes: what leads from one state to the next. Carried out by
 * src/supervisor/state-server.ts. Pure.
 */
import type { Backoff } from '../core/backoff.ts';
import { backoffMs } from '../core/backoff.ts';
import type { Exit } from '../protocol/holder.ts';
import type { NewEvent } from './events.ts';
import { describeExit } from './restart-policy.ts';

/** `crashes`: how many have crashed in a row. */
export type StateServerState =
  /** The supervisor listens in its place, until somebody wants it. */
  | { readonly name: 'waiting'; readonly crashes: number }
  /** The holder has been asked for it. */
  | { readonly name: 'starting'; readonly id: string; readonly crashes: number }
  | {
      readonly name: 'running';
      readonly id: string;
      readonly pid: number;
      readonly startedAt: number;
      readonly crashes: number;
    }
  /** It crashes again and again: for a while nobody listens. */
  | { readonly name: 'resting'; readonly until: number; readonly crashes: number }
  /** Skein ends, or the holder is gone: there will be no other. */
  | { readonly name: 'over' };

export type StateServerNews =
  /** A client has come to where it should be. */
  | { readonly type: 'wanted' }
  | { readonly type: 'spawned'; readonly id: string; readonly pid: number; readonly startedAt: number }
  | { readonly type: 'not-spawned'; readonly reason: string }
  /** `said`: the error that it printed last. */
  | { readonly type: 'exited'; readonly exit: Exit; readonly said: string | null }
  /** The rest is over. */
  | { readonly type: 'due' };

export interface Circumstances {
  readonly now: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly newId: () => string;
}

export interface NextState {
  readonly state: StateServerState;
  readonly tell: NewEvent | null;
}

/** One that lived for so long is taken to be sound: its crash is the first. */
const SETTLED_MS = 10_000;

/** From the second crash in a row on. After the first there is no pause: clients wait. */
const PAUSES: Backoff = { baseMs: 200, maxMs: 10_000 };

const start = (crashes: number, { newId }: Circumstances): StateServerState => ({
  name: 'starting',
  id: newId(),
  crashes,
});

const run = (
  { id, pid, startedAt }: Extract<StateServerNews, { type: 'spawned' }>,
  crashes: number,
): NextState => ({
  state: { name: 'running', id, pid, startedAt, crashes },
  tell: { kind: 'state-server-started', pid, text: 'the state server has started' },
});

const fail = (what: string, pid: number | null, crashes: number, around: Circumstances): NextState => {
  const pauseMs = crashes === 1 ? 0 : backoffMs(PAUSES, crashes - 2, around.random);
  const then = pauseMs === 0 ? 'the next one is started' : `the next one may be started in ${pauseMs} ms`;
  return {
    state: pauseMs === 0 ? start(crashes, around) : { name: 'resting', until: around.now + pauseMs, crashes },
    tell: { kind: 'state-server-crashed', pid, text: `${what}; ${then}` },
  };
};

const end = (
  state: Extract<StateServerState, { name: 'starting' | 'running' }>,
  { exit, said }: Extract<StateServerNews, { type: 'exited' }>,
  around: Circumstances,
): NextState => {
  // By itself: it held nothing, and nobody was connected.
  if (exit.code === 0) return { state: { name: 'waiting', crashes: 0 }, tell: null };
  const ran = state.name === 'running';
  const isSettled = ran && around.now - state.startedAt >= SETTLED_MS;
  const why = said === null ? '' : ` (${said})`;
  return fail(
    `the state server ended with ${describeExit(exit)}${why}, and what apps shared is gone`,
    ran ? state.pid : null,
    isSettled ? 1 : state.crashes + 1,
    around,
  );
};

/** News that say nothing to a state leave it as it is. */
export const nextState = (
  state: StateServerState,
  news: StateServerNews,
  around: Circumstances,
): NextState => {
  const same: NextState = { state, tell: null };
  if (state.name === 'over') return same;
  switch (news.type) {
    case 'wanted':
      return state.name === 'waiting' ? { state: start(state.crashes, around), tell: null } : same;
    case 'due':
      return state.name === 'resting'
        ? { state: { name: 'waiting', crashes: state.crashes }, tell: null }
        : same;
    // Also one that a supervisor asked for which was killed before it could know.
    case 'spawned':
      return state.name === 'running' ? same : run(news, state.crashes);
    case 'not-spawned':
      return state.name === 'starting'
        ? fail(`the state server cannot be started (${news.reason})`, null, state.crashes + 1, around)
        : same;
    case 'exited':
      return state.name === 'starting' || state.name === 'running' ? end(state, news, around) : same;
  }
};
