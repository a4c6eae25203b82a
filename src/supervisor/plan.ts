/** `skein apply`: from what is known and what a file wants to the least that makes them equal. Pure. */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { ApplyApp, ApplyRequest, ChangedSetting, PlannedChange } from '../protocol/control.ts';
import { specChanges, strongest } from './spec-changes.ts';
import type { AppRecord } from './store.ts';

/** What is done to one app. `spec`: all its settings from then on. */
export type Step =
  | { readonly do: 'none' | 'stop' }
  | { readonly do: 'add' | 'start' | 'adjust' | 'scale' | 'restart'; readonly spec: AppSpec }
  | { readonly do: 'reload'; readonly spec: AppSpec; readonly parallel: number };

export interface PlannedStep {
  readonly app: string;
  readonly step: Step;
  readonly changed: readonly ChangedSetting[];
}

/** An app as it is. */
export interface KnownApp {
  readonly record: AppRecord;
  /** It is to run, and none of its workers will come back: they have `failed`, or `ended` by themselves. */
  readonly over: 'failed' | 'ended' | null;
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  readonly leftAlone: readonly string[];
}

type How = Pick<ApplyRequest, 'atLeast' | 'parallel' | 'updateEnv'>;

/** A worker that has ended is not to stay so any more. */
const restartsNow = (from: AppSpec, to: AppSpec): boolean => to.restart.auto && !from.restart.auto;

export const planApp = (
  known: KnownApp | undefined,
  { spec: wanted, autostart }: ApplyApp,
  { atLeast, parallel = 1, updateEnv = false }: How,
): PlannedStep => {
  const app = wanted.name;
  if (known === undefined)
    return { app, step: { do: autostart ? 'start' : 'add', spec: wanted }, changed: [] };
  const { current, run } = known.record;
  const spec = updateEnv ? wanted : { ...wanted, shellEnv: current.spec.shellEnv };
  const { effect, changed } = specChanges(current.spec, spec);
  if (!run) {
    if (autostart) return { app, step: { do: 'start', spec }, changed };
    return { app, step: effect === 'none' ? { do: 'none' } : { do: 'adjust', spec }, changed };
  }
  const isAgain = known.over === 'failed' || (known.over === 'ended' && restartsNow(current.spec, spec));
  const action = isAgain ? 'restart' : strongest([effect, atLeast ?? 'none']);
  switch (action) {
    case 'none':
      return { app, step: { do: 'none' }, changed };
    case 'reload':
      return { app, step: { do: 'reload', spec, parallel }, changed };
    case 'adjust':
    case 'scale':
    case 'restart':
      return { app, step: { do: action, spec }, changed };
  }
};

export const planApply = (request: ApplyRequest, known: ReadonlyMap<string, KnownApp>): Plan => {
  const named = new Set(request.apps.map(({ spec }) => spec.name));
  const others = [...known.values()].filter(({ record }) => record.run && !named.has(record.name));
  const isStopped = ({ record }: KnownApp): boolean =>
    request.stop === 'all' || (request.stop !== 'none' && record.current.spec.source === request.stop.source);
  return {
    steps: [
      ...request.apps.map((wanted) => planApp(known.get(wanted.spec.name), wanted, request)),
      ...others
        .filter(isStopped)
        .map(({ record }): PlannedStep => ({ app: record.name, step: { do: 'stop' }, changed: [] })),
    ],
    leftAlone: others.filter((other) => !isStopped(other)).map(({ record }) => record.name),
  };
};

export const toldOf = ({ app, step, changed }: PlannedStep): PlannedChange => ({
  app,
  action: step.do,
  changed,
});
