/** The methods of a session store in callback form, which both frameworks expect. */
import { callbackify } from 'node:util';
import { SkeinError } from '../../core/errors.ts';
import type { State } from '../contract.ts';
import type { SessionStoreOptions } from './entries.ts';
import { SessionEntries } from './entries.ts';

export type Callback<T> = (error: unknown, result?: T) => void;

/** Both frameworks have richer types for a session than what is needed here: `never` fits them all. */
export interface SessionStore {
  get(id: string, callback: Callback<never>): void;
  /** For as long as the session's cookie lives. */
  set(id: string, session: object, callback?: Callback<never>): void;
  /** As `set`, for a session that has not changed but for its cookie. */
  touch(id: string, session: object, callback?: Callback<never>): void;
  destroy(id: string, callback?: Callback<never>): void;
  /** By id. Looks at every key, as do `length` and `clear`. */
  all(callback: Callback<Record<string, never>>): void;
  length(callback: Callback<number>): void;
  clear(callback?: Callback<never>): void;
}

/** The id of a session is a secret, and messages of errors are logged and shown. */
const withoutId = (error: unknown, id: string): unknown =>
  error instanceof SkeinError && id !== '' && error.message.includes(id)
    ? SkeinError.fromData({ ...error.toData(), message: error.message.replaceAll(id, '…') })
    : error;

const answer = (promise: Promise<unknown>, callback: Callback<never> = () => {}, id = ''): void => {
  const told = promise.catch((error: unknown) => {
    throw withoutId(error, id);
  });
  // Calls back outside of the promise: what a callback throws is the app's affair, not a second answer.
  callbackify(() => told)(callback as Callback<unknown>);
};

export const sessionStore = (state: State, options: SessionStoreOptions): SessionStore => {
  const entries = new SessionEntries(state, options);
  return {
    get: (id, callback) => answer(entries.get(id), callback, id),
    set: (id, session, callback) => answer(entries.set(id, session), callback, id),
    touch: (id, session, callback) => answer(entries.touch(id, session), callback, id),
    destroy: (id, callback) => answer(entries.destroy(id), callback, id),
    all: (callback) => answer(entries.all(), callback),
    length: (callback) => answer(entries.length(), callback),
    clear: (callback) => answer(entries.clear(), callback),
  };
};
