/** What became of a task, as the error its caller gets. */
import { SkeinError } from '../core/errors.ts';
import type { Failure } from './thread-messages.ts';

const field = (error: unknown, name: 'code' | 'name' | 'message' | 'stack'): string => {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : '';
  return typeof value === 'string' ? value : '';
};

/** Of a DOMException that ended a thread only the stack arrives; its first line is name and message. */
const textOf = (error: unknown): string =>
  field(error, 'message') || (field(error, 'stack') || String(error)).split('\n', 1).join('');

const isCloneError = (error: unknown): boolean =>
  field(error, 'code') === 'ERR_INVALID_TRANSFER_OBJECT' ||
  field(error, 'name') === 'DataCloneError' ||
  field(error, 'stack').startsWith('DataCloneError: ');

/** Why piscina rejected: the thread ended, or a value did not get through. */
export const crashError = (task: string, error: unknown): SkeinError => {
  const options = { cause: error };
  if (isCloneError(error)) return new SkeinError('E_TASK_CLONE', { task, reason: textOf(error) }, options);
  return field(error, 'code') === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new SkeinError('E_TASK_MEMORY', { task }, options)
    : new SkeinError('E_TASK_CRASHED', { task, reason: textOf(error) }, options);
};

/** What the caller's promise rejects with; for a task that threw, what it threw. */
export const answerError = (task: string, exported: string, answer: Failure): unknown => {
  switch (answer.kind) {
    case 'not-loaded':
      return new SkeinError('E_TASK_LOAD', { task, reason: answer.reason });
    case 'no-export':
      return new SkeinError('E_TASK_EXPORT', { task, export: exported });
    case 'thrown':
      return answer.error instanceof Error ? Object.assign(answer.error, answer.properties) : answer.error;
  }
};
