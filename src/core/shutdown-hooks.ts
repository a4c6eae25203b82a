/** What runs before a process ends: in which order, and that one which fails does not stop the others. */

export type Hook = () => unknown;

/** `draining`: when a drain begins; `drained`: when it is over. */
export type HookTime = 'draining' | 'drained';

export interface ShutdownHooks {
  readonly empty: boolean;
  /** Returns what takes the hook off. */
  add(hook: Hook, when: HookTime): () => void;
  /**
   * Runs each hook of that time once, the last added first, one after the other, and those added
   * meanwhile. At the end of a drain also what its beginning did not run. Never rejects.
   */
  run(when: HookTime): Promise<void>;
}

export const createShutdownHooks = (failed: (error: unknown) => void): ShutdownHooks => {
  const hooks: Record<HookTime, Hook[]> = { draining: [], drained: [] };
  let last = Promise.resolve();

  const runAll = async (list: Hook[]): Promise<void> => {
    for (let hook = list.pop(); hook !== undefined; hook = list.pop())
      try {
        await hook();
      } catch (error) {
        failed(error);
      }
  };

  return {
    get empty() {
      return hooks.draining.length + hooks.drained.length === 0;
    },
    add(hook, when) {
      // The same function may be added twice.
      const own: Hook = () => hook();
      hooks[when].push(own);
      return () => {
        const index = hooks[when].indexOf(own);
        if (index !== -1) hooks[when].splice(index, 1);
      };
    },
    run(when) {
      last = last.then(async () => {
        await runAll(hooks.draining);
        if (when === 'drained') await runAll(hooks.drained);
      });
      return last;
    },
  };
};
