/**
 * Calls a listener of the app, at once. `failed` hears what it throws, also later when it is an async
 * function: nobody waits for it, and as a rejection without a handler it would end the process.
 */
export const tellApp = (listener: () => unknown, failed: (error: unknown) => void): void => {
  void (async () => listener())().catch(failed);
};
