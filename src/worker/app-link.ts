/** The worker's end of what the app imports from Skein. The app's end: `appLink()` in src/protocol/app-link.ts. */
import { inspect } from 'node:util';
import type { AppLink, HealthReport, ShutdownHook, ThreadLink } from '../protocol/app-link.ts';
import { APP_LINK } from '../protocol/app-link.ts';
import type { Boot, WorkerPhase } from '../protocol/worker.ts';

/** Listeners that are told a value; what one throws is its own affair. */
const createSignal = <T>() => {
  const listeners = new Set<(value: T) => void>();
  return {
    on: (listener: (value: T) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: (value: T): void => {
      for (const listener of listeners) queueMicrotask(() => listener(value));
    },
  };
};

export interface AppLinkContext {
  readonly boot: Boot;
  readonly phase: () => WorkerPhase;
  readonly ready: () => void;
  readonly health: (report: HealthReport) => void;
  readonly threads: ThreadLink;
  readonly connectState: AppLink['connectState'];
}

export interface AppLinkEnd {
  /** Tells the app if it is another phase than before. */
  phaseMayHaveChanged(): void;
  /** What the supervisor says of the number of workers. */
  counted(count: number): void;
  /** Runs the hooks of the app. */
  shutDown(): Promise<void>;
}

export const installAppLink = (context: AppLinkContext): AppLinkEnd => {
  const { boot } = context;
  const phases = createSignal<WorkerPhase>();
  const hooks: ShutdownHook[] = [];
  let phase = context.phase();
  let { count } = boot;

  const link: AppLink = {
    version: 2,
    app: boot.app,
    slot: boot.slot,
    generation: boot.generation,
    id: boot.id,
    count: () => count,
    ready: context.ready,
    phase: context.phase,
    onPhase: phases.on,
    onShutdown: (hook) => {
      const own: ShutdownHook = () => hook();
      hooks.push(own);
      return () => {
        const index = hooks.indexOf(own);
        if (index !== -1) hooks.splice(index, 1);
      };
    },
    reportHealth: context.health,
    threads: context.threads,
    connectState: context.connectState,
  };
  (globalThis as Record<symbol, unknown>)[APP_LINK] = link;

  return {
    phaseMayHaveChanged() {
      const now = context.phase();
      if (now === phase) return;
      phase = now;
      phases.tell(now);
    },
    counted(next) {
      count = next;
    },
    async shutDown() {
      for (const hook of hooks.splice(0).toReversed())
        try {
          await hook();
        } catch (error) {
          process.stderr.write(`skein: a shutdown hook failed: ${inspect(error)}\n`);
        }
    },
  };
};
