/** What a cache keeps for a key, and what that is worth now. */

export interface CacheEntry<T = unknown> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  /** The version that each tag had before the value was made. */
  readonly tags: Readonly<Record<string, number>>;
}

export type Worth = 'fresh' | 'stale' | 'none';

/** `tags`: the versions now; a tag that is missing or another ends it, however young it is. */
export const worthOf = (
  entry: CacheEntry | undefined,
  tags: Readonly<Record<string, number | undefined>>,
  now: number,
): Worth => {
  if (entry === undefined) return 'none';
  if (Object.entries(entry.tags).some(([tag, version]) => tags[tag] !== version)) return 'none';
  return now < entry.freshUntil ? 'fresh' : 'stale';
};
