/**
 * Which app needs which: whether one may start, in what order several do, and whether they go round
 * in a circle. Pure.
 */
import { SkeinError } from '../core/errors.ts';
import type { AppSpec, Dependency, RestartPolicy } from '../protocol/app-spec.ts';
import type { AppRecord } from './store.ts';
import type { WorkerState } from './worker-state.ts';
import { isAlive } from './worker-state.ts';

/** How an app stands in the eyes of those that need it. */
export type Standing =
  | 'stopped'
  | 'stopping'
  /** It did not come up, or a worker of it will not come back. */
  | 'failed'
  /** It is to run, and not all its workers' processes are there yet. */
  | 'coming'
  | 'started'
  | 'ready';

export interface WorkerStanding {
  readonly slot: number;
  readonly state: WorkerState;
  readonly pid: number | null;
}

const inSlot = (here: readonly WorkerStanding[], { stopExitCodes }: RestartPolicy): Standing => {
  if (here.some(({ state }) => state.name === 'ready')) return 'ready';
  for (const { state } of here) {
    if (state.name === 'failed') return 'failed';
    // By its own will: a job that is done has done what others wait for.
    if (state.name === 'stopped' && !state.asked) {
      const { code } = state.exit;
      return code === 0 || (code !== null && stopExitCodes.includes(code)) ? 'ready' : 'failed';
    }
  }
  return here.some(({ state, pid }) => isAlive(state) && pid !== null) ? 'started' : 'coming';
};

const WORST_FIRST: readonly Standing[] = ['failed', 'coming', 'started', 'ready'];

/** As its worst slot stands. In a rollout the old generation counts as well: it serves. */
export const standingOf = (
  { run, failure, underWay, current: { spec } }: AppRecord,
  workers: readonly WorkerStanding[],
): Standing => {
  const left = workers.some(({ state }) => isAlive(state)) ? 'stopping' : 'stopped';
  if (underWay?.change.kind === 'stop') return left;
  if (!run) {
    if (underWay?.change.kind === 'restart' && underWay.undo === null) return 'coming';
    return failure === null ? left : 'failed';
  }
  const bySlot: WorkerStanding[][] = Array.from({ length: spec.instances }, () => []);
  for (const worker of workers) bySlot[worker.slot]?.push(worker);
  const slots = new Set(bySlot.map((here) => inSlot(here, spec.restart)));
  return WORST_FIRST.find((standing) => slots.has(standing)) ?? 'ready';
};

export type DependencyVerdict =
  | { readonly then: 'start' }
  /** `reason`: `waits for db to be ready`. */
  | { readonly then: 'wait'; readonly reason: string }
  /** `reason` goes on from the dependency's name: `is stopped`. */
  | { readonly then: 'fail'; readonly dependency: string; readonly reason: string };

const WHY: Readonly<Record<'failed' | 'stopped' | 'stopping' | 'unknown', string>> = {
  failed: 'has failed',
  stopped: 'is stopped',
  stopping: 'is being stopped',
  unknown: 'is not known',
};

/**
 * Whether an app with these dependencies may start. `boot`: it comes back after the machine was
 * down. Then it waits for what comes back as well, but not for what had been stopped: before, it
 * ran without.
 */
export const dependencyVerdict = (
  dependencies: readonly Dependency[],
  standing: (app: string) => Standing | 'unknown',
  occasion: 'start' | 'boot',
): DependencyVerdict => {
  let wait: DependencyVerdict | null = null;
  for (const { app, condition } of dependencies) {
    const now = standing(app);
    switch (now) {
      case 'ready':
        break;
      case 'started':
        if (condition === 'ready') wait ??= { then: 'wait', reason: `waits for ${app} to be ready` };
        break;
      case 'coming':
        wait ??= {
          then: 'wait',
          reason: `waits for ${app} to be ${condition === 'ready' ? 'ready' : 'started'}`,
        };
        break;
      case 'failed':
        return { then: 'fail', dependency: app, reason: WHY[now] };
      case 'stopped':
      case 'stopping':
      case 'unknown':
        if (occasion === 'start') return { then: 'fail', dependency: app, reason: WHY[now] };
    }
  }
  return wait ?? { then: 'start' };
};

/** Each after what it needs of the others; else in their order. */
export const inOrder = <T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  needs: (one: T) => readonly Dependency[],
): readonly T[] => {
  const byName = new Map(all.map((one) => [nameOf(one), one]));
  const ordered = new Set<T>();
  const entered = new Set<T>();
  const enter = (one: T | undefined): void => {
    if (one === undefined || entered.has(one)) return;
    entered.add(one);
    for (const { app } of needs(one)) enter(byName.get(app));
    ordered.add(one);
  };
  for (const one of all) enter(one);
  return [...ordered];
};

type Needing = Pick<AppSpec, 'name' | 'dependsOn' | 'source'>;

/** @throws SkeinError E_DEPENDS_ON when the app needs itself, by way of others or not */
export const refuseCircle = (name: string, specs: ReadonlyMap<string, Needing>): void => {
  const place = specs.get(name)?.source ?? 'depends_on';
  const seen = new Set<string>();
  const walk = (from: string, path: readonly string[]): void => {
    for (const { app } of specs.get(from)?.dependsOn ?? []) {
      if (app === name) {
        const reason =
          from === name ? 'that is the app itself' : `${[...path, name].join(' → ')} is a circle`;
        throw new SkeinError('E_DEPENDS_ON', { place, app: name, dependency: path[1] ?? app, reason });
      }
      if (seen.has(app)) continue;
      seen.add(app);
      walk(app, [...path, app]);
    }
  };
  walk(name, [name]);
};

/** @throws SkeinError E_DEPENDENCY when a start of this app could not go on */
export const refuseWithout = (
  { name, dependsOn }: Needing,
  standing: (app: string) => Standing | 'unknown',
): void => {
  const verdict = dependencyVerdict(dependsOn, standing, 'start');
  if (verdict.then !== 'fail') return;
  const { dependency, reason } = verdict;
  throw new SkeinError('E_DEPENDENCY', { app: name, dependency, reason });
};
