/**
 * Between the processes of an app and the state server: lines of JSON over a unix stream socket, one
 * connection per process and store.
 *
 *     app process                                   state server
 *     {"protocol":1,"store":"shop"}             →
 *                                               ←   {"protocol":1,"pid":77,"started":1790000000000}
 *     [4,"visits",1,null,1,"user"]              →   all calls of one tick, one after the other
 *                                               ←   {"changes":[["s","visits","8",1790…,null]]}
 *                                               ←   [8,["\"ada\"",1790…,null]]
 *
 * Each call is its number and then its arguments, as many as the table below says; answers come in the
 * order of the calls, however they are spread over lines. A change that a subscriber hears of is
 * written before the answer to the call that made it, and before every answer that could show it.
 */
import type { ErrorData } from '../core/errors.ts';

/** Both sides must have the same: they are started from one installation, but not always at one time. */
export const STATE_PROTOCOL = 1;

/** Of one line from an app process, in characters. The server ends the connection that sends a longer one. */
export const MAX_LINE_CHARS: number = 40 * 1024 * 1024;

/** Of one value; JSON inside JSON is at most twice as long. */
export const MAX_TEXT_CHARS: number = 16 * 1024 * 1024;

/** The first line of an app process. */
export interface StateHello {
  readonly protocol: number;
  /** Whose entries: the name of an app. Made when it is first named. */
  readonly store: string;
  /** Memory limit of the store; without it the one it has stays. */
  readonly maxBytes?: number;
}

/** The first line of the server. With another `protocol` than it was asked for it ends the connection. */
export interface StateWelcome {
  readonly protocol: number;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly started: number;
}

/** The server's last line before it ends a connection whose other end it does not understand. */
export interface StateFarewell {
  readonly farewell: string;
}

export interface StateChanges {
  readonly changes: readonly WireChange[];
}

export const OP = {
  /** key → `WireEntry` or null */
  get: 1,
  /** key, text, ttl → version */
  set: 2,
  /** key → boolean */
  delete: 3,
  /** key, by, ttl → sum */
  increment: 4,
  /** key, version, text or null, ttl → version or 0 */
  compareAndSet: 5,
  /** key, ttl → boolean */
  expire: 6,
  /** prefix → keys */
  keys: 7,
  /** topic, text → null */
  publish: 8,
  /** kind, name → null. Idempotent. */
  subscribe: 9,
  /** kind, name → null. Idempotent. */
  unsubscribe: 10,
  /** → `WireStats` */
  stats: 11,
  /** bytes → null. A new memory limit for the store. */
  limit: 12,
  /** → the number of entries that were dropped. Ends the store; its other connections are ended. */
  drop: 13,
} as const;

export type Op = (typeof OP)[keyof typeof OP];

/** text, version, expiresAt */
export type WireEntry = readonly [string, number, number | null];

/** entries, bytes, evictions */
export type WireStats = readonly [number, number, number];

/** Instead of a result. */
export interface WireError {
  readonly error: ErrorData;
}

export type WireChange =
  /** key, text, version, expiresAt */
  | readonly ['s', string, string, number, number | null]
  /** key, version, expiresAt */
  | readonly ['e', string, number, number | null]
  /** key, version, reason */
  | readonly ['d', string, number, 'deleted' | 'expired' | 'evicted']
  /** topic, text */
  | readonly ['m', string, string];

/**
 * Before the greeting, from the holder, which connects for a worker that runs as another user: the only
 * store that this one may name.
 */
export interface StatePreface {
  readonly only: string;
}
