/** The last news about a breaker as they are kept in shared state, for workers that come later. */
import type { WriteOptions } from '../state/contract.ts';
import type { BreakerNews } from './breaker-link.ts';

/** A type, not an interface: only that is plain data to the state. */
export type StoredNews = {
  readonly version: number;
  readonly state: BreakerNews['state'];
  readonly openForMs: number;
  readonly failedProbes: number;
  /** Milliseconds since 1970, when `openForMs` were left. */
  readonly at: number;
};

const DAY_MS = 86_400_000;

export const toStored = (
  { version, state, openForMs, failedProbes }: BreakerNews,
  at: number,
): StoredNews => ({
  version,
  state,
  openForMs,
  failedProbes,
  at,
});

/** What a hand decided must not be forgotten; the rest is found out anew by a call. */
export const keepFor = ({ state, openForMs }: BreakerNews): WriteOptions =>
  state === 'isolated' ? {} : { ttl: Math.round(openForMs) + DAY_MS };

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const isState = (value: unknown): value is BreakerNews['state'] =>
  value === 'closed' || value === 'open' || value === 'isolated';

/**
 * Undefined for what no breaker can have written. `now`: milliseconds since 1970, for news that may be
 * old; undefined for those that were written just now. Clocks that differ make a breaker test too early
 * or too late by at most the time it is open for.
 */
export const fromStored = (
  name: string,
  value: unknown,
  now: number | undefined,
): BreakerNews | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, state, openForMs, failedProbes, at } = value as Record<keyof StoredNews, unknown>;
  if (!Number.isSafeInteger(version) || !isCount(version) || !isState(state)) return undefined;
  if (!isCount(openForMs) || !isCount(failedProbes) || !isCount(at)) return undefined;
  const passed = now === undefined ? 0 : Math.min(openForMs, Math.max(0, now - at));
  return { name, version, state, openForMs: openForMs - passed, failedProbes };
};
