/** Values that all of a process's code shares: nobody can change them for the others. */

/** `T` as it is when everything in it is frozen. */
export type Frozen<T> = unknown extends T
  ? T
  : T extends (infer Item)[] | readonly (infer Item)[]
    ? number extends T['length']
      ? readonly Frozen<Item>[]
      : { readonly [K in keyof T]: Frozen<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;

/** Freezes plain data in place, all the way down; no cycles. What is frozen already is taken to be so whole. */
export const freeze = <T>(value: T): Frozen<T> => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const item of Object.values(value)) freeze(item);
    Object.freeze(value);
  }
  return value as Frozen<T>;
};
