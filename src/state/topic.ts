/** A subject on which workers talk; who does not listen at the moment hears nothing. */
import type { State, Unsubscribe } from './contract.ts';
import type { Storable } from './storable.ts';

export interface Topic<T> {
  publish(value: T & Storable<T>): Promise<void>;
  /** Resolves when no later message is missed. */
  subscribe(listener: (value: T) => void): Promise<Unsubscribe>;
}

/** `T` is what is said on it: the compiler keeps both sides to that, nothing does at run time. */
export const topic = <T>(state: State, name: string): Topic<T> => ({
  publish: (value) => state.publish<T>(name, value),
  subscribe: (listener) => state.listen(name, (value) => listener(value as T)),
});
