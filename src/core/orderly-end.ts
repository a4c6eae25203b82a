/**
 * Lets shutdown hooks run at the ends of a process that leave time for them: SIGTERM, SIGINT, and
 * when there is nothing left to do. Then the process ends as it would have without them. Nothing is
 * installed before the first hook.
 */
import { inspect } from 'node:util';
import type { HookTime, ShutdownHooks } from './shutdown-hooks.ts';
import { createShutdownHooks } from './shutdown-hooks.ts';

export interface OrderlyEnd {
  /** There is, or was, a hook. */
  readonly used: boolean;
  readonly add: ShutdownHooks['add'];
  /** Runs hooks, for `limitMs` at most (default: for as long as they take). Keeps the process alive meanwhile. */
  run(when: HookTime, limitMs?: number): Promise<void>;
  /** Runs all hooks, for as long as they take, and lets go of the signals. */
  finish(): Promise<void>;
}

export interface OrderlyEndOptions {
  /** For hooks that nobody outside puts a limit to. */
  readonly limitMs: number;
  /** A second signal ends the process at once. Not where somebody outside sees to its end. */
  readonly secondSignalEnds: boolean;
  /** The first hook has been added. */
  readonly began?: () => void;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];

/** The longest delay of a Node timer: 2^31 - 1 ms. */
const LONGEST_MS = 2_147_483_647;

const tell = (text: string): void => void process.stderr.write(`skein: ${text}\n`);

export const createOrderlyEnd = ({ limitMs, secondSignalEnds, began }: OrderlyEndOptions): OrderlyEnd => {
  const hooks = createShutdownHooks((error) => tell(`a shutdown hook failed: ${inspect(error)}`));
  let installed = false;
  let ending = false;

  const run = async (when: HookTime, atMost?: number): Promise<void> => {
    let limit: NodeJS.Timeout | undefined;
    const over = new Promise<'over'>((resolve) => {
      limit = setTimeout(resolve, atMost ?? LONGEST_MS, 'over');
    });
    const end = await Promise.race([hooks.run(when), over]);
    clearTimeout(limit);
    if (end === 'over') tell(`the shutdown hooks were not done within ${atMost} ms`);
  };

  const release = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    process.removeListener('beforeExit', onNothingLeft);
  };

  /** A handler of the app's own decides itself how the process ends. */
  const raise = (signal: NodeJS.Signals): void => {
    release();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };

  function onSignal(signal: NodeJS.Signals): void {
    if (ending) {
      if (secondSignalEnds) raise(signal);
      return;
    }
    ending = true;
    void run('drained', limitMs).then(() => raise(signal));
  }

  /** Node asks again when they are done, and finds none left. */
  function onNothingLeft(): void {
    if (ending || hooks.empty) return;
    ending = true;
    void run('drained', limitMs).then(() => (ending = false));
  }

  const install = (): void => {
    installed = true;
    for (const signal of SIGNALS) process.on(signal, onSignal);
    process.on('beforeExit', onNothingLeft);
    began?.();
  };

  return {
    get used() {
      return installed;
    },
    add(hook, when) {
      if (!installed) install();
      return hooks.add(hook, when);
    },
    run,
    async finish() {
      ending = true;
      await run('drained');
      release();
    },
  };
};
