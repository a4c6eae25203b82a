/** Typed events: a function that takes a listener and returns what takes it off again. */
import { callListener } from '../core/call-listener.ts';

export type Subscribe<T> = (listener: (value: T) => void) => () => void;

export interface Emitter<T> {
  readonly subscribe: Subscribe<T>;
  readonly emit: (value: T) => void;
}

/** A listener that throws disturbs neither the call nor other listeners; its error is uncaught. */
export const createEmitter = <T>(): Emitter<T> => {
  const listeners = new Set<(value: T) => void>();
  return {
    subscribe: (listener) => {
      // A function of its own, so that the same listener can be added twice and taken off once.
      const own = (value: T): void => listener(value);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    emit: (value) => {
      for (const listener of listeners) callListener(() => listener(value));
    },
  };
};
