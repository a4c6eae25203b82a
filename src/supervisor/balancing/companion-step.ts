/** What is to be done with an app's companion, from how the app is and how it is. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { AppSpec } from '../../protocol/app-spec.ts';
import { isStop } from '../changes.ts';
import type { AppRecord } from '../store.ts';
import { companionOf } from './companion-spec.ts';

export type CompanionStep =
  | { readonly do: 'nothing' | 'delete' }
  | { readonly do: 'start' | 'adjust' | 'scale'; readonly spec: AppSpec };

const NOTHING: CompanionStep = { do: 'nothing' };

/** It is to run, or will again in a moment. */
const goesOn = ({ run, underWay }: AppRecord): boolean =>
  run || (underWay?.change.kind === 'restart' && underWay.undo === null);

export interface AppFacts {
  readonly record: AppRecord;
  /** It listens somewhere where a balancer is to be. */
  readonly listens: boolean;
  /** Its present start or change has seen the companion fail. */
  readonly gaveUp: boolean;
}

export const companionStep = (
  { record, listens, gaveUp }: AppFacts,
  companion: AppRecord | undefined,
): CompanionStep => {
  const spec = companionOf(record.current.spec);
  if (spec === null || !goesOn(record)) {
    if (companion === undefined || isStop(companion)) return NOTHING;
    // A companion that did not come up says why, until its app is started or deleted.
    return companion.failure !== null && spec !== null && !isStop(record) ? NOTHING : { do: 'delete' };
  }
  if (companion === undefined || !companion.run)
    return listens && !gaveUp && (companion?.underWay ?? null) === null ? { do: 'start', spec } : NOTHING;
  if (companion.underWay !== null) return NOTHING;
  const now = companion.current.spec;
  const wanted = { ...spec, shellEnv: now.shellEnv };
  if (isDeepStrictEqual(now, wanted)) return NOTHING;
  return { do: now.instances === wanted.instances ? 'adjust' : 'scale', spec: wanted };
};
