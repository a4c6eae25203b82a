/** A promise that does not wait longer than its signal. */

/** Settles as `work` does, or rejects with the signal's reason as soon as that is aborted. */
export const orAborted = async <T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) {
    // What `work` still does is nobody's any more; its failure must not be an unhandled rejection.
    Promise.resolve(work).catch(() => {});
    throw signal.reason;
  }
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    stop = (): void => signal.removeEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop();
  }
};

/** Waits, unless the signal is aborted first; then it rejects with its reason. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  try {
    await orAborted(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))), signal);
  } finally {
    clearTimeout(timer);
  }
};
