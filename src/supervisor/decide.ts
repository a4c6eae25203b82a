/**
 * What to do next for one app: from what is wanted and what is there to a list of actions. It is
 * level-triggered and remembers nothing, so it does not matter who began: a supervisor that was
 * killed in the middle of a rollout and its successor decide the same.
 */
import type { WorkerState } from './worker-state.ts';
import { isAlive } from './worker-state.ts';

export interface Wanted {
  readonly run: boolean;
  /** Others come first: nothing is started for it, nor stopped. */
  readonly hold?: boolean;
  readonly generation: number;
  readonly instances: number;
  /** How many new workers may be starting at once; null: all of them (nothing serves yet). */
  readonly parallel: number | null;
}

export interface WorkerFact {
  readonly id: string;
  readonly slot: number;
  readonly generation: number;
  readonly state: WorkerState;
  /** Why it is to be replaced by a new worker of the same generation; null: it is fine. */
  readonly replace: 'memory' | 'hung' | 'not-alone' | null;
}

export type Action =
  | { readonly do: 'start'; readonly slot: number }
  | { readonly do: 'drain'; readonly id: string }
  | { readonly do: 'stop'; readonly id: string }
  | { readonly do: 'kill'; readonly id: string }
  /** The record of a worker that ended and whose slot needs it no more. */
  | { readonly do: 'discard'; readonly id: string };

export interface Decision {
  readonly actions: readonly Action[];
  /** Every slot is served by a ready worker of the wanted generation and nothing else is left. */
  readonly settled: boolean;
  /** When to decide again even if nothing happens; null: not by time. */
  readonly wakeAt: number | null;
}

export const decide = (wanted: Wanted, all: readonly WorkerFact[], now: number): Decision => {
  const actions: Action[] = [];
  const wakes: number[] = [];

  // Who ended because we asked has nothing more to say about its slot.
  const workers = all.filter(({ state }) => !(state.name === 'stopped' && state.asked));
  for (const { id, state } of all)
    if (state.name === 'stopped' && state.asked) actions.push({ do: 'discard', id });

  for (const { id, state } of workers) {
    if (state.name === 'stopping' && !state.killed) {
      if (now >= state.killAt) actions.push({ do: 'kill', id });
      else wakes.push(state.killAt);
    }
    // The worker keeps the limit itself; a worker that cannot (it is blocked) is stopped here.
    if (state.name === 'draining') {
      const graceMs = 1000;
      if (now >= state.limitAt + graceMs) actions.push({ do: 'stop', id });
      else wakes.push(state.limitAt + graceMs);
    }
  }

  if (wanted.hold === true) return { actions, settled: false, wakeAt: earliest(wakes) };

  if (!wanted.run) {
    const alive = workers.filter(({ state }) => isAlive(state));
    for (const worker of alive) retire(worker, actions);
    for (const { id, state } of workers) if (!isAlive(state)) actions.push({ do: 'discard', id });
    return { actions, settled: alive.length === 0, wakeAt: earliest(wakes) };
  }

  const isCurrent = ({ generation, state, replace }: WorkerFact): boolean =>
    generation === wanted.generation &&
    replace === null &&
    (state.name === 'starting' || state.name === 'ready');
  let starting = workers.filter((worker) => isCurrent(worker) && worker.state.name === 'starting').length;
  let settled = true;

  for (let slot = 0; slot < wanted.instances; slot += 1) {
    const here = workers.filter((worker) => worker.slot === slot);
    const current = here.find(isCurrent);
    const others = here.filter((worker) => worker !== current);
    if (current?.state.name === 'ready') {
      for (const worker of others) if (isAlive(worker.state)) retire(worker, actions);
      for (const { id, state } of others) if (!isAlive(state)) actions.push({ do: 'discard', id });
      if (others.some(({ state }) => isAlive(state))) settled = false;
      continue;
    }
    // What is not ready and not wanted serves nobody: away with it. What serves stays.
    for (const worker of others) if (worker.state.name === 'starting') retire(worker, actions);
    if (current !== undefined) {
      settled = false;
      continue;
    }
    const rest = here.find(({ generation, state }) => generation === wanted.generation && !isAlive(state));
    const resting = restOf(rest?.state, now);
    if (resting === 'for-good') {
      for (const worker of others) if (isAlive(worker.state)) settled = false;
      continue;
    }
    settled = false;
    if (typeof resting === 'number') wakes.push(resting);
    else if (wanted.parallel === null || starting < wanted.parallel) {
      for (const { id, state } of others) if (!isAlive(state)) actions.push({ do: 'discard', id });
      actions.push({ do: 'start', slot });
      starting += 1;
    }
  }

  for (const worker of workers) {
    if (worker.slot < wanted.instances) continue;
    if (isAlive(worker.state)) {
      retire(worker, actions);
      settled = false;
    } else actions.push({ do: 'discard', id: worker.id });
  }
  return { actions, settled, wakeAt: earliest(wakes) };
};

/** Takes a worker out of service: by a drain when it serves, by its stop signal when it does not. */
const retire = ({ id, state, replace }: WorkerFact, actions: Action[]): void => {
  if (state.name === 'ready' && replace !== 'hung') actions.push({ do: 'drain', id });
  else if (state.name === 'ready' || state.name === 'starting') actions.push({ do: 'stop', id });
};

/** Until when a slot whose worker ended rests; `now` if it may be filled. */
const restOf = (state: WorkerState | undefined, now: number): 'for-good' | 'now' | number => {
  if (state?.name === 'stopped' || state?.name === 'failed') return 'for-good';
  if (state?.name === 'backing-off' && now < state.until) return state.until;
  return 'now';
};

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : Math.min(...times);
