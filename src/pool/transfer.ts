/** How a task hands its result over instead of copying it. */
import type { Transferable } from 'node:worker_threads';

/** Known across copies of this module: the task file may have another than the thread. */
const mark: unique symbol = Symbol.for('skein.pool.transfer');

export interface Transferred {
  readonly [mark]: true;
  readonly value: unknown;
  readonly list: readonly Transferable[];
}

/**
 * In a task: `return transfer(result, [result.buffer])` moves the buffer to the caller without a
 * copy. The types of the task stay those of the result.
 */
export const transfer = <T>(value: T, list: readonly Transferable[]): T => {
  const transferred: Transferred = { [mark]: true, value, list };
  return transferred as T;
};

export const isTransferred = (value: unknown): value is Transferred =>
  typeof value === 'object' && value !== null && mark in value;
