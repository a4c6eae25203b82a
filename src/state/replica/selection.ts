/** What a replica holds, and how that is read and listened to. */
import { SkeinError } from '../../core/errors.ts';
import { inBatches } from '../batches.ts';
import type { State, StateChange, StateEntry, Unsubscribe } from '../contract.ts';

export type ReplicaSelection =
  /** All keys that begin with it; empty: all of the namespace. */
  { readonly prefix: string } | { readonly keys: readonly string[] };

export interface Selection<T> {
  /** For messages. */
  readonly text: string;
  readonly holds: (key: string) => boolean;
  readonly subscribe: (listener: (change: StateChange<T>) => void) => Promise<Unsubscribe>;
  /** The keys that may have an entry. */
  readonly list: () => Promise<readonly string[]>;
}

export const selectionOf = <T>(state: State, selected: ReplicaSelection): Selection<T> => {
  if ('prefix' in selected) {
    const { prefix } = selected;
    return {
      text: prefix === '' ? 'all keys' : `the keys that begin with ${prefix}`,
      holds: (key) => key.startsWith(prefix),
      subscribe: (listener) => state.subscribe<T>({ prefix }, listener),
      list: () => state.keys(prefix),
    };
  }
  const keys = new Set(selected.keys);
  return {
    text: `${keys.size} keys by name`,
    holds: (key) => keys.has(key),
    async subscribe(listener) {
      const asked = await Promise.allSettled([...keys].map((key) => state.subscribe<T>(key, listener)));
      const offs = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const off = async (): Promise<void> => {
        await Promise.all(offs.map((end) => end()));
      };
      const failed = asked.find((one) => one.status === 'rejected');
      if (failed === undefined) return off;
      await off();
      throw failed.reason;
    },
    list: async () => [...keys],
  };
};

/** What somebody else keeps there is nobody's entry, as for subscribers. */
const entryOf = async <T>(state: State, key: string): Promise<StateEntry<T> | undefined> => {
  try {
    return await state.getEntry<T>(key);
  } catch (error) {
    if (error instanceof SkeinError && error.code === 'E_STATE_FOREIGN') return undefined;
    throw error;
  }
};

/** Reads `keys` and gives each entry to `found`, for as long as that returns true. */
export const readEntries = <T>(
  state: State,
  keys: readonly string[],
  found: (key: string, entry: StateEntry<T>) => void,
  goOn: () => boolean,
): Promise<void> =>
  inBatches(
    keys,
    async (key) => {
      const entry = await entryOf<T>(state, key);
      if (entry !== undefined && goOn()) found(key, entry);
    },
    goOn,
  );
