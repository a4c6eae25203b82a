/**
 * The part of the catalogue that apps meet: errors of what they import from Skein, thrown inside
 * their own process. The status is what an HTTP server may answer with when it passes one on.
 */
import type { CatalogueEntry } from './error-catalogue.ts';

export type AppErrorCode =
  | 'E_BREAKER_OPEN'
  | 'E_BREAKER_ISOLATED'
  | 'E_BULKHEAD_FULL'
  | 'E_CALL_TIMEOUT'
  | 'E_RETRIES'
  | 'E_RETRY_BUDGET';

export const appErrors: Readonly<Record<AppErrorCode, CatalogueEntry>> = {
  E_BREAKER_OPEN: {
    exit: 'unreachable',
    status: 503,
    message: 'The breaker {name} is open after failures, so the call was not made.',
    fix: 'One call tests it again in {wait}; until then answer without it, for example with a fallback.',
  },
  E_BREAKER_ISOLATED: {
    exit: 'unreachable',
    status: 503,
    message: 'The breaker {name} is isolated by hand, so the call was not made.',
    fix: '`reset()` of the breaker lets calls through again.',
  },
  E_BULKHEAD_FULL: {
    exit: 'unreachable',
    status: 503,
    message: 'The bulkhead {name} is full: {running} calls run and {waiting} wait.',
    fix: 'Try again later, or raise its `limit` or `queue`.',
  },
  E_CALL_TIMEOUT: {
    exit: 'timeout',
    status: 504,
    message: '{name} did not answer within {timeout}.',
    fix: 'Allow it more time, or look at why it is slow.',
  },
  E_RETRIES: {
    exit: 'unreachable',
    status: 503,
    message: '{name} failed {attempts} times in a row.',
    fix: 'The last failure is the `cause`.',
  },
  E_RETRY_BUDGET: {
    exit: 'unreachable',
    status: 503,
    message: '{name} failed and was not tried again: the budget for retries is used up.',
    fix: 'Too many calls fail at once; the failure is the `cause`. The budget refills with calls and time.',
  },
};
