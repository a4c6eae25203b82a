/**
 * Skein's own files are for its user alone; those that an app or a hook makes are the app's business,
 * and have the permissions that a program of this shell or unit would give them.
 */

/** The one this process was started with. */
let given: number | null = null;

/** From now on files of this process are for its user alone. */
export const keepFilesPrivate = (): void => {
  given ??= process.umask(0o077);
};

/** Starts a process, synchronously, with the umask that this one was given. */
export const withGivenUmask = <T>(start: () => T): T => {
  if (given === null) return start();
  const own = process.umask(given);
  try {
    return start();
  } finally {
    process.umask(own);
  }
};
