/** A number that everybody counts on. */
import type { Duration } from '../core/options.ts';
import type { State } from './contract.ts';

export interface CounterOptions {
  /** From the first count on; then it begins at 0 again. Default: for ever. */
  readonly ttl?: Duration;
}

export interface Counter {
  /** 0 where nothing was counted. */
  value(): Promise<number>;
  /** The sum; `by` is a safe integer, default 1. */
  increment(by?: number): Promise<number>;
  decrement(by?: number): Promise<number>;
  reset(): Promise<void>;
}

export const counter = (state: State, name: string, { ttl }: CounterOptions = {}): Counter => {
  const entries = state.namespace('counter');
  const options = ttl === undefined ? {} : { ttl };
  return {
    value: async () => (await entries.get<number>(name)) ?? 0,
    increment: (by = 1) => entries.increment(name, by, options),
    decrement: (by = 1) => entries.increment(name, -by, options),
    async reset() {
      await entries.delete(name);
    },
  };
};
