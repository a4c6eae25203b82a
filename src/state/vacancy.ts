/**
 * When a lock has become free: as soon as the engine tells that its entry is gone, and otherwise at
 * intervals, because over Redis an entry that expires goes without a word.
 */
import type { State, Unsubscribe } from './contract.ts';

export interface Vacancy {
  /** Resolves when it may have become free, at the latest after `ms`, and when this is closed. */
  within(ms: number): Promise<void>;
  close(): void;
}

/** `entries`: where the lock's entry is. The waiting keeps no process alive. */
export const watchVacancy = (entries: State, name: string): Vacancy => {
  let off: Promise<Unsubscribe | undefined> | undefined;
  let closed = false;
  /** Something was told since the last wait. */
  let told = false;
  let wake: (() => void) | undefined;

  const tell = (): void => {
    told = true;
    wake?.();
  };
  /** Again before each wait, until it succeeds once. */
  const listen = (): void => {
    off ??= entries
      .subscribe(name, ({ type }) => {
        if (type === 'delete') tell();
      })
      .then((unsubscribe) => {
        // It may have become free before anything was told.
        tell();
        return unsubscribe;
      })
      .catch(() => (off = undefined));
  };

  return {
    async within(ms) {
      listen();
      if (!told && !closed)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms).unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      told = false;
      wake = undefined;
    },
    close() {
      closed = true;
      wake?.();
      void off?.then((unsubscribe) => unsubscribe?.().catch(() => {}));
    },
  };
};
