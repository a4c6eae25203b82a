/** Who knows the group of a key. */

/** Undefined: the key has none. May throw and reject. */
export type LookUp = (key: string) => string | undefined | Promise<string | undefined>;
