/** `cached`: a value that one worker makes in each interval, and all read from their own memory. */
import { SkeinError } from '../../core/errors.ts';
import { wholeKey } from '../../state/limits.ts';
import type { Storable } from '../../state/storable.ts';
import type { Frozen } from '../../core/frozen.ts';
import type { Member } from '../member.ts';
import { thisMember } from '../member.ts';
import type { FetchContext } from './call.ts';
import type { CachedOptions } from './options.ts';
import { toSettings } from './options.ts';
import { CachedValue } from './value.ts';

/** All of one key in a process are the same. Values are frozen, and shared by whoever reads them. */
export interface Cached<T> {
  readonly key: string;
  /**
   * The value: a read of local memory, but for the first, and where `stale` does not allow the old one.
   * Rejects with what became of `fn` (E_CACHED_FAILED with the error as `cause` where it ran,
   * E_CALL_TIMEOUT, E_STATE_VALUE, E_STATE_TOO_LARGE) when there is none to give.
   */
  get(): Promise<Frozen<T>>;
  /** What `get` would give at once; undefined before there is a first. Makes nothing. */
  readonly value: Frozen<T> | undefined;
  /** Since `fn` was called for the value, in milliseconds; undefined when there is none. */
  readonly ageMs: number | undefined;
  /** Why the last call of `fn` failed, in any worker; undefined when it went well. */
  readonly error: SkeinError | undefined;
  /** A value of a call that begins from now on, which counts as this interval's. Rejects when it fails. */
  refresh(): Promise<Frozen<T>>;
  /** In this worker; what uses it afterwards gets E_STATE_CLOSED. */
  close(): Promise<void>;
}

/** What is shown of it to the app, so that nobody can reach inside. */
const handleOf = (key: string, value: CachedValue): Cached<unknown> => ({
  key,
  get: () => value.get(),
  get value() {
    return value.value;
  },
  get ageMs() {
    return value.ageMs;
  },
  get error() {
    return value.error;
  },
  refresh: () => value.refresh(),
  close: () => value.close(),
});

type MakeCached = (
  key: string,
  options: CachedOptions,
  fn: (context: FetchContext) => unknown,
) => Cached<unknown>;

/** The `cached` of one member. */
export const createCached = (member: Member): MakeCached => {
  const leases = member.state.namespace('cached');
  const entries = leases.namespace('value');
  const known = new Map<string, { readonly settings: string; readonly handle: Cached<unknown> }>();
  member.onEnding(async () => {
    await Promise.all([...known.values()].map(({ handle }) => handle.close()));
  });

  return (key, options, fn) => {
    wholeKey(entries.prefix, key);
    const settings = toSettings(options);
    const shown = JSON.stringify({ ...settings, staleMs: String(settings.staleMs) });
    const there = known.get(key);
    if (there !== undefined) {
      if (there.settings === shown) return there.handle;
      throw new SkeinError('E_BAD_VALUE', {
        option: 'key',
        value: JSON.stringify(key),
        expected: 'free: it is in use with other options',
        example: `${JSON.stringify(`${key} 2`)}, or the same options everywhere`,
      });
    }
    const value = new CachedValue({
      ...{ entries, leases, key, settings, fn, leaving: member.leaving },
      onEnd: () => known.get(key)?.handle === handle && known.delete(key),
    });
    const handle = handleOf(key, value);
    known.set(key, { settings: shown, handle });
    return handle;
  };
};

let mine: MakeCached | undefined;

/**
 * A value that is made once in each interval by one worker of all, and pushed to every worker that asked
 * for it: a read is a read of memory. The last good value stays when `fn` fails.
 *
 * `every`: by the clock, from now on. `ttl`: when `get` is called and it is older. While the state engine
 * is away, or refuses, each worker calls `fn` for itself, once per interval. Keys are the app's: another version of
 * the code reads the same value, so change the key with the shape of what is in it.
 *
 * Throws E_BAD_VALUE, E_STATE_KEY; E_STATE_ENGINE and E_STATE_CANNOT where SKEIN_STATE does not do.
 */
export const cached = <T>(
  key: string,
  options: CachedOptions,
  fn: (context: FetchContext) => Promise<T & Storable<T>> | (T & Storable<T>),
): Cached<T> => (mine ??= createCached(thisMember()))(key, options, fn) as Cached<T>;
