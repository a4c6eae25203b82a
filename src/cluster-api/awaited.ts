/**
 * Keeps the process alive while somebody waits for `work`. What it waits for may happen in another
 * worker, with nothing here but timers and sockets that keep no process alive; Node would take that for
 * the end, and a top-level `await` for one that never settles.
 */
export const awaited = async <T>(work: Promise<T>): Promise<T> => {
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
};
