/** `once`: one worker does it, all get the result. */
import { setTimeout as delay } from 'node:timers/promises';
import { SkeinError } from '../../core/errors.ts';
import type { ErrorData } from '../../core/errors.ts';
import type { StateEntry } from '../../state/contract.ts';
import { encode } from '../../state/encode.ts';
import { MAX_VALUE_BYTES, wholeKey } from '../../state/limits.ts';
import { lock } from '../../state/lock.ts';
import type { Held } from '../../state/lock-lease.ts';
import type { Storable } from '../../state/storable.ts';
import { watchVacancy } from '../../state/vacancy.ts';
import { awaited } from '../awaited.ts';
import { asShared, toFailure } from '../failure.ts';
import type { Frozen } from '../../core/frozen.ts';
import { freeze } from '../../core/frozen.ts';
import { isAway } from '../is-away.ts';
import type { Leadership } from '../leader/term.ts';
import type { Member } from '../member.ts';
import { thisMember } from '../member.ts';
import { deployment } from './deployment.ts';

export interface OnceOptions {
  /**
   * `generation` (default): once in each deployment, so that the next rollout does it again, and a worker
   * that crashed and is started again does not. `cluster`: once and for all; put what it depends on into
   * the name.
   */
  readonly per?: 'generation' | 'cluster';
}

/** Of whoever does it now; the token grows when another takes over. */
export type OnceContext = Leadership;

/** Nothing, or what can be stored. */
type Result<T> = [T] extends [void] ? T : Storable<T>;

/** What can come of it. */
type Outcome =
  | { readonly done: true; readonly value?: unknown }
  | { readonly done: false; readonly failure: ErrorData };

/** Renewed thrice in that time; with a third of it until others look again, another takes over within 1.6 s. */
const TTL_MS = 1_200;
/** Longer than any deployment is thought to live; what is not `cluster` must not stay for ever. */
const KEPT = '365d' as const;
/** A state server that died is there again in a second; a restart of Redis takes some. */
const PATIENCE_MS = 10_000;
const FAILURE_KEPT = '1m' as const;

type Once = (name: string, fn: (context: OnceContext) => unknown, options: OnceOptions) => Promise<unknown>;

/** What is done must not be done again because nobody could be told for a moment. */
const patiently = async <T>(write: () => Promise<T>): Promise<T> => {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;)
    try {
      return await write();
    } catch (error) {
      if (!isAway(error) || performance.now() >= deadline) throw error;
      await delay(TTL_MS / 3);
    }
};

/** The `once` of one member; `scope` is its deployment. */
export const createOnce = (member: Member, scope: string): Once => {
  const entries = member.state.namespace('once');
  const running = new Map<string, Promise<unknown>>();

  const run = async (
    key: string,
    name: string,
    fn: (context: OnceContext) => unknown,
    kept: typeof KEPT | null,
  ): Promise<unknown> => {
    const seat = lock(entries, key, { ttl: TTL_MS });
    const vacancy = watchVacancy(entries.namespace('lock'), key);
    /** A failure that is newer than the call is its own. */
    const since = (await entries.getEntry(key))?.version ?? 0;

    const settled = (entry: StateEntry<Outcome> | undefined): { readonly value: unknown } | undefined => {
      if (entry === undefined) return undefined;
      if (entry.value.done) return { value: freeze(entry.value.value) };
      if (entry.version > since) throw asShared(entry.value.failure);
      return undefined;
    };

    /** Undefined: another has to be asked. */
    const attempt = async (held: Held): Promise<{ readonly value: unknown } | undefined> => {
      const entry = await entries.getEntry<Outcome>(key);
      const known = settled(entry);
      if (known !== undefined) return known;
      let outcome: Outcome;
      let cause: unknown;
      try {
        const value = await fn({ token: held.token, signal: held.signal, check: () => held.check() });
        outcome =
          value === undefined
            ? { done: true }
            : { done: true, value: JSON.parse(encode(name, value, MAX_VALUE_BYTES - 1_024)) as unknown };
      } catch (error) {
        // It stopped because another may be doing it.
        if (held.signal.aborted) return undefined;
        cause = error;
        outcome = { done: false, failure: toFailure('E_ONCE_FAILED', name, error) };
      }
      const ttl = outcome.done ? kept : FAILURE_KEPT;
      // Who was paused for too long may be late: what another wrote stands.
      const options = ttl === null ? {} : { ttl };
      const write = (version: number | null): Promise<number | undefined> =>
        patiently(() => entries.compareAndSet<unknown>(key, version, outcome, options));
      const written =
        (await write(entry?.version ?? null)) ??
        // An entry that is gone was only evicted, or its server began anew.
        ((await entries.has(key)) ? undefined : await write(null));
      if (written === undefined) return settled(await entries.getEntry<Outcome>(key));
      if (!outcome.done) throw asShared(outcome.failure, cause);
      return { value: freeze(outcome.value) };
    };

    try {
      for (;;) {
        const known = settled(await entries.getEntry<Outcome>(key));
        if (known !== undefined) return known.value;
        const held = await seat.tryAcquire();
        if (held === undefined) {
          await vacancy.within(TTL_MS / 3);
          continue;
        }
        try {
          const result = await attempt(held);
          if (result !== undefined) return result.value;
        } finally {
          await held.release().catch(() => {});
        }
      }
    } finally {
      vacancy.close();
    }
  };

  return (name, fn, { per = 'generation' }) => {
    if (per !== 'generation' && per !== 'cluster')
      throw new SkeinError('E_BAD_VALUE', {
        ...{ option: 'per', value: String(per), expected: "'generation' or 'cluster'", example: "'cluster'" },
      });
    const key = per === 'cluster' ? `all:${name}` : `${scope}:${name}`;
    wholeKey(entries.prefix, name);
    wholeKey(entries.prefix, key);
    let mine = running.get(key);
    if (mine === undefined) {
      mine = awaited(run(key, name, fn, per === 'cluster' ? null : KEPT)).finally(() => running.delete(key));
      running.set(key, mine);
    }
    return mine;
  };
};

let mine: Once | undefined;

/**
 * Does `fn` in one of all workers that ask for `name`, and gives all of them what it returns, also those
 * that ask later. When the worker dies in it another does it, within 2 s and with a greater token; so
 * `fn` may run more than once, but what it made is taken from one run. When `fn` fails, all who wait get
 * E_ONCE_FAILED, and the next who asks tries again.
 *
 * Rejects with E_STATE_AWAY while the state engine cannot be reached: doing it in every worker would be
 * worse. Alone: once in this process. Throws E_BAD_VALUE and E_STATE_KEY.
 */
export const once = <T>(
  name: string,
  fn: (context: OnceContext) => Promise<T & Result<T>> | (T & Result<T>),
  options: OnceOptions = {},
): Promise<Frozen<T>> =>
  (mine ??= createOnce(thisMember(), deployment()))(name, fn, options) as Promise<Frozen<T>>;
