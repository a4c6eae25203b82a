/**
 * The type of what can be stored: null, booleans, numbers, strings, and arrays and plain objects of
 * them. What JSON would change on the way is refused by the compiler where types show it, and by
 * `encode` where they do not.
 */

/** Objects that would come back as something else. */
type Lossy =
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<object, unknown>
  | WeakSet<object>
  | Promise<unknown>;

/** `T` when it can be stored, with `never` in place of what cannot. `unknown` passes: `encode` looks. */
export type Storable<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends Lossy
      ? never
      : T extends object
        ? { [K in keyof T]: Storable<T[K]> }
        : never;
