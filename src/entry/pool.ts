/** `skein/pool`: CPU work on threads, so that the event loop stays free. */
export type { ErrorCode } from '../core/error-catalogue.ts';
export { SkeinError } from '../core/errors.ts';
export type { Duration } from '../core/options.ts';
export { createPool, PoolFull } from '../pool/pool.ts';
export type { Pool, PoolMetrics, PoolOptions } from '../pool/pool.ts';
export { defaultPool, task } from '../pool/task.ts';
export type { Task, TaskOptions, TaskSettings } from '../pool/task.ts';
export type { Priority } from '../pool/task-queue.ts';
export { processThreadBudget } from '../pool/process-threads.ts';
export { createThreadBudget } from '../pool/thread-budget.ts';
export type { AdjustableThreadBudget, ThreadBudget, WaitingPool } from '../pool/thread-budget.ts';
export type { Timings } from '../pool/timings.ts';
export { transfer } from '../pool/transfer.ts';
