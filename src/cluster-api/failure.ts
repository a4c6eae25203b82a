/** What a function of the app threw in one worker, as the others hear of it. */
import type { ErrorData } from '../core/errors.ts';
import { SkeinError } from '../core/errors.ts';

/** An error of Skein's stays what it is; any other becomes `code` and keeps its words. */
export const toFailure = (
  code: 'E_CACHED_FAILED' | 'E_ONCE_FAILED',
  name: string,
  error: unknown,
): ErrorData => {
  if (error instanceof SkeinError) return error.toData();
  const reason = error instanceof Error ? error.message : String(error);
  return new SkeinError(code, { name, reason }).toData();
};

/** `cause`: the error itself, in the worker where it was thrown. */
export const asShared = (failure: ErrorData, cause?: unknown): SkeinError => {
  const error = SkeinError.fromData(failure);
  return cause === undefined || cause instanceof SkeinError ? error : Object.assign(error, { cause });
};
