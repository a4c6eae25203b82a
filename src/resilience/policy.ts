/** What all policies have in common. */
import { SkeinError } from '../core/errors.ts';
import { orAborted } from './abort.ts';

/** What the function that a policy runs is given. */
export interface CallContext {
  /** Aborted when the caller gave up or a timeout passed. Hand it on: `fetch(url, { signal })`. */
  readonly signal: AbortSignal;
  /** 0 for the first try, 1 for the first retry, and so on. */
  readonly attempt: number;
}

/** The function around which a policy is put. */
export type Call<T> = (context: CallContext) => T | PromiseLike<T>;

/** `signal`: aborts the call and everything that waits for it; the promise rejects with its reason. */
export type RunOptions = { readonly [K in keyof CallContext]?: CallContext[K] | undefined };

/** Exists for the types alone: what a policy may answer instead of the call. */
declare const alternative: unique symbol;

/** `Alt`: what the policy may answer instead of the call's own result; `never` unless it has a fallback. */
export interface Policy<Alt = never> {
  readonly [alternative]?: Alt;
  readonly run: <T>(call: Call<T>, options?: RunOptions) => Promise<T | Alt>;
}

const neverAborted = new AbortController().signal;

export const toContext = ({ signal, attempt }: RunOptions = {}): CallContext => ({
  signal: signal ?? neverAborted,
  attempt: attempt ?? 0,
});

/** Makes the call; a caller that gives up is not kept waiting by a call that does not heed the signal. */
export const invoke = async <T>(call: Call<T>, context: CallContext): Promise<T> =>
  context.signal === neverAborted ? call(context) : orAborted(Promise.resolve(call(context)), context.signal);

/** Refusals: the call was not made, so nothing was learned about what it calls. */
const refusals: ReadonlySet<string> = new Set(['E_BREAKER_OPEN', 'E_BREAKER_ISOLATED', 'E_BULKHEAD_FULL']);

/** Whether a policy refused to make the call at all. */
export const isRefusal = (error: unknown): boolean => error instanceof SkeinError && refusals.has(error.code);

/** `AbortSignal.timeout()` gives a TimeoutError, our own timeout E_CALL_TIMEOUT. */
const isTimeout = (reason: unknown): boolean =>
  (reason instanceof SkeinError && reason.code === 'E_CALL_TIMEOUT') ||
  (reason instanceof Error && reason.name === 'TimeoutError');

/** The caller lost interest, which says nothing about what was called; a timeout does. */
export const gaveUp = ({ signal }: CallContext): boolean => signal.aborted && !isTimeout(signal.reason);
