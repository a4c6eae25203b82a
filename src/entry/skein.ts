/** `skein`: what an app gets from its cluster, or alone. */
export type { ErrorCode } from '../core/error-catalogue.ts';
export { SkeinError } from '../core/errors.ts';
export type { Duration } from '../core/options.ts';
export { worker } from '../cluster-api/worker.ts';
export type { Worker } from '../cluster-api/worker.ts';
