/** One of all workers leads, as long as it lives; then another does. */
import { callListener } from '../core/call-listener.ts';
import type { Duration } from '../core/options.ts';
import type { State } from './contract.ts';
import { toMs } from './limits.ts';
import type { Held } from './lock-lease.ts';
import { lock } from './lock.ts';
import { watchVacancy } from './vacancy.ts';

export interface ElectionOptions {
  /**
   * A leader that dies or hangs is replaced after this, where the engine tells what expires, and after
   * at most this and a third over Redis. Default: 1.5 s.
   */
  readonly ttl?: Duration;
  /** This process leads from now on, until `held.signal` aborts. */
  readonly onElected?: (held: Held) => void;
  /** It leads no more, although nobody closed the election. */
  readonly onLost?: (reason: unknown) => void;
}

export interface Election {
  /** Whether this process leads now, as far as it can know. */
  readonly isLeader: boolean;
  /** The leader's fencing token; undefined while another leads. */
  readonly token: number | undefined;
  /** Stands down, so that another is elected at once. */
  close(): Promise<void>;
}

const isHeld = (held: Held | undefined): held is Held => {
  try {
    held?.check();
    return held !== undefined;
  } catch {
    return false;
  }
};

/** Runs for leader of `name`. While the engine is away nobody is elected; it goes on trying. */
export const elect = (state: State, name: string, options: ElectionOptions = {}): Election => {
  const ttlMs = toMs('ttl', options.ttl ?? 1_500);
  const leaders = state.namespace('leader');
  const office = lock(leaders, name, { ttl: ttlMs });
  const closing = new AbortController();
  const vacancy = watchVacancy(leaders.namespace('lock'), name);
  let held: Held | undefined;

  const lead = async (mine: Held): Promise<void> => {
    held = mine;
    callListener(() => options.onElected?.(mine));
    await new Promise<void>((resolve) => {
      for (const signal of [mine.signal, closing.signal])
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    held = undefined;
    if (mine.signal.aborted) callListener(() => options.onLost?.(mine.signal.reason));
    else await mine.release().catch(() => {});
  };

  const campaign = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const mine = await office.tryAcquire().catch(() => undefined);
      if (mine !== undefined) await lead(mine);
      else await vacancy.within(ttlMs / 3);
    }
  };
  const over = campaign();

  return {
    get isLeader() {
      return isHeld(held);
    },
    get token() {
      return isHeld(held) ? held?.token : undefined;
    },
    async close() {
      closing.abort();
      vacancy.close();
      await over;
    },
  };
};
