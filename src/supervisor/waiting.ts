/** Whether an app waits for others before anything is begun with it: at a start for what it depends
 *  on, at a stop for those that depend on it. Pure; read anew whenever one of them changes. */
import type { ErrorData } from '../core/errors.ts';
import { SkeinError } from '../core/errors.ts';
import { undo } from './changes.ts';
import type { Standing } from './dependencies.ts';
import { dependencyVerdict } from './dependencies.ts';
import type { AppRecord } from './store.ts';

export interface OtherApps {
  standing(app: string): Standing | 'unknown';
  /** An app that needs this one, and is itself on its way to its end; null: none. */
  stopsBefore(app: string): string | null;
}

export type Waiting =
  | { readonly then: 'go' }
  | { readonly then: 'wait'; readonly reason: string }
  /** It waits no longer: all is there, or (`error`) will not be. */
  | { readonly then: 'begin'; readonly record: AppRecord; readonly error: ErrorData | null };

export const waitingOf = (record: AppRecord, others: OtherApps): Waiting => {
  const { name, run, waits = null, after = [], underWay, current } = record;
  if (underWay?.change.kind === 'stop') {
    const first = others.stopsBefore(name);
    return first === null ? { then: 'go' } : { then: 'wait', reason: `waits for ${first} to stop` };
  }
  if (!run || (waits === null && after.length === 0)) return { then: 'go' };
  const leaving = after.find((app) => others.standing(app) === 'stopping');
  if (leaving !== undefined) return { then: 'wait', reason: `waits for ${leaving} to stop` };
  if (waits === null) return { then: 'begin', record: { ...record, after: [] }, error: null };
  const verdict = dependencyVerdict(current.spec.dependsOn, (app) => others.standing(app), waits);
  switch (verdict.then) {
    case 'wait':
      return verdict;
    case 'start':
      return { then: 'begin', record: { ...record, waits: null, after: [] }, error: null };
    case 'fail': {
      const { dependency, reason } = verdict;
      const error = new SkeinError('E_DEPENDENCY', { app: name, dependency, reason }).toData();
      const failed = { ...record, run: false, waits: null, after: [], failure: error };
      return { then: 'begin', record: underWay === null ? failed : undo(record, error), error };
    }
  }
};
