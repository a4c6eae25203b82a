/** `skein/state`: state that an app's workers share. Nothing of Skein's own processes loads this. */
export { SkeinError } from '../core/errors.ts';
export type { ErrorCode } from '../core/error-catalogue.ts';
export { createState } from '../state/create.ts';
export type { StateOptions } from '../state/create.ts';
export type { Duration } from '../core/options.ts';
export type * from '../state/contract.ts';
export type { EngineName, EngineStats } from '../state/engine.ts';
export type { RedisClientLike } from '../state/engines/redis/shapes.ts';
export type { Storable } from '../state/storable.ts';
