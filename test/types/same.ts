/** For the tests of types: `same<typeof value, Expected>(true)` compiles only when both are one type. */

type IsAny<T> = 0 extends 1 & T ? true : false;

export type Same<A, B> = [A, IsAny<A>] extends [B, IsAny<B>]
  ? [B, IsAny<B>] extends [A, IsAny<A>]
    ? true
    : false
  : false;

export const same = <A, B>(_proof: Same<A, B>): void => {};
