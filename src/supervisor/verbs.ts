/** Each verb of the control API to the change it makes of an app's record. */
import { isDeepStrictEqual } from 'node:util';
import { resolveInstances } from '../config/instances.ts';
import { availableCpus } from '../os/cpus.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { OperationRequest, Verb } from '../protocol/control.ts';
import type { Opening } from './changes.ts';
import * as changes from './changes.ts';
import { SkeinError } from '../core/errors.ts';
import type { Step } from './plan.ts';
import type { AppRecord } from './store.ts';

/** Throws what the change throws, and E_BAD_VALUE for a number of workers that is none. */
export const recordAfter = (record: AppRecord, request: OperationRequest, opening: Opening): AppRecord => {
  switch (request.verb) {
    case 'stop':
      return changes.stop(record, 'keep', opening);
    case 'delete':
      return changes.stop(record, 'delete', opening);
    case 'rollback':
      return changes.rollback(record, opening);
    case 'start':
      return changes.startAgain(record, request.patch ?? {}, opening);
    case 'restart':
      return changes.restart(record, request.patch ?? {}, opening);
    case 'reload':
      return changes.reload(record, request.patch ?? {}, request.parallel ?? 1, opening);
    case 'scale': {
      const context = { cpus: availableCpus(), current: record.current.spec.instances };
      return changes.scale(record, resolveInstances(request.to, context, 'scale'), opening);
    }
  }
};

/** The operation that a step of a plan is; null: there is nothing to do. */
export const verbOf = (step: Step): Verb | null => {
  switch (step.do) {
    case 'none':
      return null;
    case 'add':
      return 'adjust';
    default:
      return step.do;
  }
};

/** Balancers go by other settings then. */
const isRebalanced = (from: AppSpec, to: AppSpec): boolean =>
  !isDeepStrictEqual([from.balance, from.balancer], [to.balance, to.balancer]);

/** `record`: undefined for an app that is not known yet. */
export const recordAfterStep = (record: AppRecord | undefined, step: Step, opening: Opening): AppRecord => {
  if (step.do === 'add') return changes.known(step.spec);
  if (step.do === 'start' && record === undefined) return changes.startNew(step.spec, opening);
  if (record === undefined) throw new SkeinError('E_UNKNOWN_APP', { target: opening.operation.app });
  switch (step.do) {
    case 'none':
      return record;
    case 'stop':
      return changes.stop(record, 'keep', opening);
    case 'start':
      return changes.startAs(record, step.spec, opening);
    case 'restart':
      return changes.restartAs(record, step.spec, opening);
    case 'reload':
      return changes.rollout(record, step.spec, step.parallel, opening);
    case 'scale':
      return changes.scaleAs(record, step.spec, opening);
    case 'adjust':
      return record.run && isRebalanced(record.current.spec, step.spec)
        ? changes.settings(record, step.spec, opening)
        : changes.adjusted(record, step.spec);
  }
};

/** Throws E_BUSY while a change is under way. */
export const mustBeFree = ({ name, underWay }: AppRecord): void => {
  if (underWay === null) return;
  const { verb, startedAt } = underWay.operation;
  throw new SkeinError('E_BUSY', { app: name, verb, since: new Date(startedAt).toISOString() });
};
