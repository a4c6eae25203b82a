/**
 * Makes a value of a key once among all workers: whoever gets the lease calls `fn` and writes what came
 * of it; the others take that. What is written replaces only what was read under the lease, so one who
 * was paused for too long cannot undo what another did meanwhile.
 */
import type { State, StateEntry } from '../../state/contract.ts';
import { encode } from '../../state/encode.ts';
import { MAX_VALUE_BYTES } from '../../state/limits.ts';
import type { Lock } from '../../state/lock.ts';
import { lock } from '../../state/lock.ts';
import { complain } from '../complain.ts';
import { toFailure } from '../failure.ts';
import { isAway } from '../is-away.ts';
import type { FetchContext } from './call.ts';
import { callInTime } from './call.ts';
import type { Settings } from './options.ts';
import type { CachedRecord } from './record.ts';
import { isRecord, turnOf } from './record.ts';

/** Renewed thrice in that time: whose worker dies is replaced within 1.6 s. */
const LEASE_MS = 1_200;
/** How soon to look again what became of another's call, if nobody tells. */
const LOOK_MS = LEASE_MS / 3;
const DAY_MS = 86_400_000;
/** The record around a value takes some bytes of what an entry may have. */
const MAX_BYTES = MAX_VALUE_BYTES - 2_048;

export interface FetcherOptions {
  /** The values, each under its key. */
  readonly entries: State;
  /** Where leases are, which keys of the app must not meet. */
  readonly leases: State;
  readonly key: string;
  readonly settings: Settings;
  readonly fn: (context: FetchContext) => unknown;
  readonly closing: AbortSignal;
  readonly known: () => CachedRecord | undefined;
  /** A record to take over if it is newer; with the error itself where it was thrown here. */
  readonly adopt: (record: CachedRecord, cause?: unknown) => void;
  /** Resolves after `ms` or, if that is sooner, when a record was adopted. */
  readonly adopted: (ms: number) => Promise<void>;
}

export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #lease: Lock;
  #said: string | undefined;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#lease = lock(options.leases, options.key, { ttl: LEASE_MS });
  }

  /**
   * Until a record is known that `wanted` does not want anew, by any worker's doing. While the state
   * engine is away, or refuses, this worker calls `fn` for itself: it would wait for ever otherwise.
   * `asked`: a call counts as made then at the earliest, also when the clock is put back meanwhile.
   */
  async fetch(wanted: (record: CachedRecord | undefined) => boolean, asked: number): Promise<void> {
    const { known, adopted, closing } = this.#options;
    while (wanted(known()) && !closing.aborted) {
      try {
        const held = await this.#lease.tryAcquire();
        if (held === undefined) {
          await adopted(LOOK_MS);
          // Nobody may have told.
          await this.read();
          continue;
        }
        try {
          const entry = await this.read();
          if (wanted(known())) await this.#makeAndWrite(entry, asked);
        } finally {
          await held.release().catch(() => {});
        }
      } catch (error) {
        this.#complainOnce(error);
        if (wanted(known()) && !closing.aborted) await this.#makeAlone(asked);
      }
    }
  }

  /** What the state has; adopted if it is newer. */
  async read(): Promise<StateEntry<CachedRecord> | undefined> {
    const { entries, key, adopt } = this.#options;
    const entry = await entries.getEntry<CachedRecord>(key);
    if (isRecord(entry?.value)) adopt(entry.value);
    return entry;
  }

  /** What is wrong for long is said once. */
  #complainOnce(error: unknown): void {
    const said = String(error);
    if (isAway(error) || said === this.#said) return;
    this.#said = said;
    complain(`cached ${this.#options.key}`, error);
  }

  async #makeAndWrite(entry: StateEntry<CachedRecord> | undefined, asked: number): Promise<void> {
    const { adopt } = this.#options;
    const { record, cause } = await this.#make(asked);
    try {
      const written =
        (await this.#write(entry?.version ?? null, record)) ||
        // An entry that went meanwhile was only evicted; one that came is another's, and stands.
        ((await this.read()) === undefined && (await this.#write(null, record)));
      if (written) adopt(record, cause);
    } catch (error) {
      if (isAway(error)) return adopt(record, cause);
      // It cannot be stored, for example because it is too large: all are told so.
      const failed = this.#failed(record, error);
      await this.#write(entry?.version ?? null, failed).catch(() => {});
      adopt(failed, error);
    }
  }

  async #makeAlone(asked: number): Promise<void> {
    const { record, cause } = await this.#make(asked);
    this.#options.adopt(record, cause);
  }

  /** What a call of `fn` makes of what is known. */
  async #make(asked: number): Promise<{ readonly record: CachedRecord; readonly cause?: unknown }> {
    const { key, settings, fn, closing, known } = this.#options;
    const before = known();
    const called = Math.max(asked, Date.now(), (before?.called ?? 0) + 1);
    const turn = turnOf(before, settings, Date.now());
    const base = { good: before?.good ?? null, turn, called, failure: null };
    try {
      const value = await callInTime(key, fn, settings.timeoutMs, closing);
      const stored = JSON.parse(encode(key, value, MAX_BYTES)) as unknown;
      return { record: { ...base, good: { value: stored, at: called } } };
    } catch (error) {
      return { record: this.#failed(base, error), cause: error };
    }
  }

  /** What was good before stays. */
  #failed(record: CachedRecord, error: unknown): CachedRecord {
    const good = this.#options.known()?.good ?? null;
    return { ...record, good, failure: toFailure('E_CACHED_FAILED', this.#options.key, error) };
  }

  async #write(version: number | null, record: CachedRecord): Promise<boolean> {
    const { entries, key, settings } = this.#options;
    const { intervalMs, staleMs } = settings;
    const ttl = 2 * intervalMs + Math.max(60_000, Math.min(staleMs ?? DAY_MS, 30 * DAY_MS));
    return (await entries.compareAndSet<unknown>(key, version, record, { ttl })) !== undefined;
  }
}
