/** Asks once for a key, however many requests want to know, and not again for a moment. */
import { ownText } from '../../own-text.ts';
import type { PoolTools } from '../tools.ts';
import type { LookUp } from './look-up.ts';

export interface CachedLookUpOptions extends Pick<PoolTools, 'now' | 'after'> {
  readonly freshMs: number;
  /** Without an answer for so long it failed. Default: 2,000. */
  readonly timeoutMs?: number;
  /** Keys that are remembered. Default: 10,000. */
  readonly most?: number;
}

interface Known {
  readonly group: string | undefined;
  readonly until: number;
}

export const cachedLookUp = (lookUp: LookUp, options: CachedLookUpOptions): LookUp => {
  const { now, after, freshMs, timeoutMs = 2_000, most = 10_000 } = options;
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<string | undefined>>();

  const remember = (key: string, group: string | undefined): string | undefined => {
    known.delete(key);
    known.set(ownText(key), { group, until: now() + freshMs });
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return group;
  };

  const inTime = (answer: Promise<string | undefined>): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const cancel = after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
      answer.then(resolve, reject).finally(cancel);
    });

  const ask = async (key: string, answer: Promise<string | undefined>): Promise<string | undefined> => {
    try {
      return remember(key, await inTime(answer));
    } finally {
      asked.delete(key);
    }
  };

  return (key) => {
    const entry = known.get(key);
    if (entry !== undefined && entry.until > now()) return entry.group;
    const pending = asked.get(key);
    if (pending !== undefined) return pending;
    const answer = lookUp(key);
    if (!(answer instanceof Promise)) return remember(key, answer);
    const asking = ask(key, answer);
    asked.set(key, asking);
    return asking;
  };
};
