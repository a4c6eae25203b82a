/** A call of the app's function that ends in time, whatever the function does. */
import { formatDuration } from '../../core/duration.ts';
import { SkeinError } from '../../core/errors.ts';

export interface FetchContext {
  /** Aborted when the result will not be used any more: `timeout` has passed, or it was closed. */
  readonly signal: AbortSignal;
}

/** Rejects with what `fn` throws, with E_CALL_TIMEOUT, and with the reason of `closing`. */
export const callInTime = async (
  name: string,
  fn: (context: FetchContext) => unknown,
  timeoutMs: number,
  closing: AbortSignal,
): Promise<unknown> => {
  const over = new AbortController();
  const stop = (): void => over.abort(closing.reason);
  const timer = setTimeout(
    () => over.abort(new SkeinError('E_CALL_TIMEOUT', { name, timeout: formatDuration(timeoutMs) })),
    timeoutMs,
  ).unref();
  if (closing.aborted) stop();
  else closing.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([
      (async () => fn({ signal: over.signal }))(),
      new Promise<never>((_, reject) => {
        const end = (): void => reject(over.signal.reason as Error);
        if (over.signal.aborted) end();
        else over.signal.addEventListener('abort', end, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', stop);
  }
};
