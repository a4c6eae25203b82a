/**
 * May a request that failed go to another upstream? Only when no upstream can have acted on it, or when
 * acting twice is acting once (RFC 9110, section 9.2.2; RFC 9112, section 9.3.1).
 */

export interface FailedTry {
  readonly method: string;
  /** `connect`: no connection came about. `closed`: it broke. `timeout`: the answer did not begin in time. */
  readonly failure: 'connect' | 'closed' | 'timeout';
  /** A byte of the request was given to the connection. */
  readonly sent: boolean;
  /** A byte of the final response has come; a 103 is none. */
  readonly responseStarted: boolean;
  /** `gone`: part of the body was passed on and is not kept. */
  readonly body: 'none' | 'kept' | 'gone';
  /** It asks for a tunnel. */
  readonly upgrade: boolean;
  readonly clientGone: boolean;
  /** Tries made, this one included. */
  readonly tries: number;
}

export interface RetryRules {
  /** PUT and DELETE too; how the app means them only the user knows. */
  readonly idempotent: boolean;
  /** Tries in all, when something was sent. */
  readonly tries: number;
  /** Tries in all, when no connection came about. */
  readonly connectTries: number;
}

export const defaultRetryRules: RetryRules = { idempotent: false, tries: 2, connectTries: 3 };

/** Bytes of a request's body that are kept for another try. */
export const KEPT_BODY_BYTES: number = 64 * 1024;

export type RetryVerdict =
  | 'retry'
  | 'client-gone'
  | 'response-started'
  | 'body-gone'
  | 'upgrade-sent'
  | 'method'
  | 'timeout'
  | 'tries';

const isSafe = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE';

const mayRepeat = (method: string, { idempotent }: RetryRules): boolean =>
  isSafe(method) || (idempotent && (method === 'PUT' || method === 'DELETE'));

/** The budget is asked only after this says `retry`, or it would be spent on what may not be repeated. */
export const retryVerdict = (failed: FailedTry, rules: RetryRules = defaultRetryRules): RetryVerdict => {
  if (failed.clientGone) return 'client-gone';
  if (failed.responseStarted) return 'response-started';
  if (failed.body === 'gone') return 'body-gone';
  // Nobody can have acted on what nobody was sent: any method.
  if (!failed.sent)
    return failed.tries < (failed.failure === 'connect' ? rules.connectTries : rules.tries)
      ? 'retry'
      : 'tries';
  if (failed.upgrade) return 'upgrade-sent';
  if (!mayRepeat(failed.method, rules)) return 'method';
  // It is probably still at work: a second one would double the load on who is too slow already.
  if (failed.failure === 'timeout') return 'timeout';
  return failed.tries < rules.tries ? 'retry' : 'tries';
};
