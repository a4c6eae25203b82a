/** One snapshot after the other; of those that come while one is being applied, only the newest counts. */

/** Hands the newest value on when the one before it is done. `work` has to deal with its own failures. */
export const oneAfterTheOther = <T>(work: (value: T) => Promise<void>): ((value: T) => void) => {
  let next: { readonly value: T } | undefined;
  let working = false;
  const run = async (): Promise<void> => {
    working = true;
    while (next !== undefined) {
      const { value } = next;
      next = undefined;
      await work(value);
    }
    working = false;
  };
  return (value) => {
    next = { value };
    if (!working) void run();
  };
};
