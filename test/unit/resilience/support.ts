/** A clock that goes when told to, and calls that end when told to. */
import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/core/error-catalogue.ts';
import { SkeinError } from '../../../src/core/errors.ts';

export interface FakeClock {
  (): number;
  readonly advance: (ms: number) => void;
}

export const fakeClock = (): FakeClock => {
  let now = 1_000;
  return Object.assign(() => now, { advance: (ms: number): void => void (now += ms) });
};

export const ok = async (): Promise<string> => 'ok';
export const down: Error = new Error('connection refused');
export const fails = (): Promise<never> => Promise.reject(down);

/** A call that ends by hand. */
export const byHand = <T = string>(): {
  readonly call: () => Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
} => {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { call: () => promise, resolve: (value) => resolve(value), reject: (error) => reject(error) };
};

/** For `assert.rejects`: an error of the catalogue, with this cause if one is given. */
export const withCode =
  (code: ErrorCode, cause?: unknown) =>
  (error: unknown): true => {
    assert.ok(error instanceof SkeinError, String(error));
    assert.equal(error.code, code);
    assert.doesNotMatch(`${error.message} ${error.fix}`, /\{\w+\}/);
    if (cause !== undefined) assert.equal(error.cause, cause);
    return true;
  };

/** Lets everything run that waits for nothing but its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
