/** Values that are shared by all readers, and so belong to none of them. */

/** `T`, read-only all the way down. */
export type Frozen<T> = unknown extends T
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** Freezes plain data in place, all the way down. */
export const deepFreeze = <T>(value: T): Frozen<T> => {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value as Frozen<T>;
};
