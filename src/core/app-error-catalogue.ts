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
  | 'E_RETRY_BUDGET'
  | 'E_HEALTH_CHECK'
  | 'E_STATE_KEY'
  | 'E_STATE_VALUE'
  | 'E_STATE_TOO_LARGE'
  | 'E_STATE_NUMBER'
  | 'E_STATE_CONFLICT'
  | 'E_STATE_AWAY'
  | 'E_STATE_IN_DOUBT'
  | 'E_STATE_FOREIGN'
  | 'E_STATE_CANNOT'
  | 'E_STATE_ENGINE'
  | 'E_STATE_CLOSED'
  | 'E_REPLICA_KEY'
  | 'E_REPLICA_FULL'
  | 'E_LOCK_HELD'
  | 'E_LOCK_LOST'
  | 'E_CACHED_FAILED'
  | 'E_ONCE_FAILED'
  | 'E_JOB_SKIPPED'
  | 'E_JOB_INTERRUPTED'
  | 'E_MESSAGE_ANSWERED'
  | 'E_MESSAGE_FAILED'
  | 'E_MESSAGE_FULL'
  | 'E_MESSAGE_LOST'
  | 'E_MESSAGE_MISSED'
  | 'E_MESSAGE_NO_HANDLER'
  | 'E_MESSAGE_NO_WORKER'
  | 'E_MESSAGE_TIMEOUT'
  | 'E_POOL_FULL'
  | 'E_POOL_CLOSED'
  | 'E_TASK_FILE'
  | 'E_TASK_LOAD'
  | 'E_TASK_EXPORT'
  | 'E_TASK_CLONE'
  | 'E_TASK_CRASHED'
  | 'E_TASK_MEMORY'
  | 'E_TASK_TIMEOUT';

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
  E_HEALTH_CHECK: {
    exit: 'usage',
    status: 500,
    message: 'The health check {name} cannot be added: {reason}.',
    fix: 'Give each check a function and a name of its own, of 1 to 64 characters.',
  },
  E_STATE_KEY: {
    exit: 'usage',
    status: 400,
    message: 'The key {key} cannot be used: {reason}.',
    fix: 'A key is a string of 1 to {limit} bytes; make a long one short with a hash.',
  },
  E_STATE_VALUE: {
    exit: 'usage',
    status: 400,
    message: 'The value for {key} cannot be stored: {place} is {what}.',
    fix: 'Store null, booleans, finite numbers, strings, arrays and plain objects; a Date, for example, as its ISO string.',
  },
  E_STATE_TOO_LARGE: {
    exit: 'usage',
    status: 413,
    message: 'The value for {key} has {size} bytes, more than the limit of {limit}.',
    fix: 'Split it, or raise the limit of the state (maxValue, maxMemory).',
  },
  E_STATE_NUMBER: {
    exit: 'conflict',
    status: 409,
    message: '{key} cannot be incremented: {reason}.',
    fix: 'Increment only keys that nothing else writes, within the safe integers.',
  },
  E_STATE_CONFLICT: {
    exit: 'conflict',
    status: 409,
    message: 'The update of {key} was given up after {timeout}: others wrote it {tries} times meanwhile.',
    fix: 'Make the function shorter, spread the key, or give a longer timeout.',
  },
  E_STATE_AWAY: {
    exit: 'unreachable',
    status: 503,
    message: '{operation} {key}: {engine} cannot be reached ({reason}); nothing was done.',
    fix: 'Try again later; Skein reconnects by itself. A read may allow old values with `stale`.',
  },
  E_STATE_IN_DOUBT: {
    exit: 'unreachable',
    status: 503,
    message:
      '{operation} {key}: {engine} went away before it answered ({reason}); it may have been done or not.',
    fix: 'Read what is there before you try again, or make the write one that may happen twice.',
  },
  E_STATE_FOREIGN: {
    exit: 'conflict',
    status: 409,
    message: 'What is stored under {key} was not written by Skein.',
    fix: 'Give the state a namespace of its own.',
  },
  E_STATE_CANNOT: {
    exit: 'usage',
    status: 400,
    message: '{engine} cannot {what}.',
    fix: 'Memcached serves only the cache; use the engine in Skein or Redis for everything else.',
  },
  E_STATE_ENGINE: {
    exit: 'usage',
    status: 400,
    message: '{what} cannot keep shared state: {reason}.',
    fix: '{hint}',
  },
  E_STATE_CLOSED: {
    exit: 'conflict',
    status: 409,
    message: '{operation} {key}: this state was closed.',
    fix: 'Close it last, when nothing uses it any more.',
  },
  E_REPLICA_KEY: {
    exit: 'usage',
    status: 500,
    message: 'The key {key} is not in this replica, which holds {selection}.',
    fix: 'Read it with `get` of the state, or let the replica hold it.',
  },
  E_REPLICA_FULL: {
    exit: 'conflict',
    status: 503,
    message: 'The replica of {selection} holds nothing any more: there are more than {limit} entries.',
    fix: 'Raise its `maxEntries`, or choose a narrower prefix.',
  },
  E_LOCK_HELD: {
    exit: 'timeout',
    status: 504,
    message: 'The lock {name} was not free within {timeout}.',
    fix: 'Wait longer, or do without; it is freed at the latest when its time to live ends.',
  },
  E_LOCK_LOST: {
    exit: 'conflict',
    status: 409,
    message: 'The lock {name} (token {token}) was lost: {reason}.',
    fix: 'Stop the work it guarded: another may be doing it. Give a longer ttl if this process pauses for so long.',
  },
  E_CACHED_FAILED: {
    exit: 'unreachable',
    status: 503,
    message: 'The cached value {name} could not be made: {reason}',
    fix: 'It is tried again by itself. In the worker where it failed, the error is the `cause`.',
  },
  E_ONCE_FAILED: {
    exit: 'appFailed',
    status: 500,
    message: '{name}, which is done once, failed: {reason}',
    fix: 'The next who asks for it tries again. In the worker where it failed, the error is the `cause`.',
  },
  E_JOB_SKIPPED: {
    exit: 'conflict',
    status: 409,
    message: 'The job {name} still runs at its next time, so it is not begun again.',
    fix: 'Make it shorter, or its times rarer. One that hangs is never run again: heed a timeout in it.',
  },
  E_JOB_INTERRUPTED: {
    exit: 'appFailed',
    status: 500,
    message: 'The run of the job {name} for {time} was not ended: the leader went away in it.',
    fix: "It goes on with its next time. With `interrupted: 'rerun'` the run is made again.",
  },
  E_MESSAGE_ANSWERED: {
    exit: 'conflict',
    status: 500,
    message: 'This process answers {topic} already.',
    fix: 'Answer a topic once; calling what `answer()` returned ends it.',
  },
  E_MESSAGE_FAILED: {
    exit: 'appFailed',
    status: 500,
    message: 'The answer to {topic} failed in {to}: {reason}',
    fix: 'The error of that worker is the `cause`.',
  },
  E_MESSAGE_FULL: {
    exit: 'unreachable',
    status: 503,
    message: '{topic} was not sent: {pending} messages of this process are on their way.',
    fix: 'Await some of them first; a worker may be blocked, or more is sent than it can take.',
  },
  E_MESSAGE_LOST: {
    exit: 'unreachable',
    status: 503,
    message: '{topic} did not reach {to}: the worker {ended}, and no other came in its place in time.',
    fix: 'Send it again when the app has recovered.',
  },
  E_MESSAGE_MISSED: {
    exit: 'unreachable',
    status: 503,
    message: '{topic} reached {taken} of {all} workers: {failures}',
    fix: 'The error of each worker is in `cause.errors`; a `send` to its slot tries it alone.',
  },
  E_MESSAGE_NO_HANDLER: {
    exit: 'notFound',
    status: 503,
    message: '{topic} was not delivered: {lack} within {timeout}.',
    fix: 'Messages and broadcasts are heard with `on()`, requests are answered with `answer()`; check the name of the topic.',
  },
  E_MESSAGE_NO_WORKER: {
    exit: 'notFound',
    status: 503,
    message: '{topic} was not delivered: no worker is in {to}, {reason}.',
    fix: 'Slots go from 0 to `worker.count` - 1; one of another machine is `{ node, slot }`.',
  },
  E_MESSAGE_TIMEOUT: {
    exit: 'timeout',
    status: 504,
    message: '{to} did not {what} {topic} within {timeout}.',
    fix: 'It may still do so. Allow it more time, or look at what keeps it busy.',
  },
  E_POOL_FULL: {
    exit: 'unreachable',
    status: 503,
    message: 'The pool is full: {running} tasks run and {waiting} wait.',
    fix: 'Try again later, send less, or raise the `queue` of the pool.',
  },
  E_POOL_CLOSED: {
    exit: 'conflict',
    status: 503,
    message: '{task} was not run: the pool is closed.',
    fix: 'Close the pool after the last task, or make a new one.',
  },
  E_TASK_FILE: {
    exit: 'notFound',
    status: 500,
    message: 'There is no task file {file}.',
    fix: 'Check the path: `new URL(…, import.meta.url)` is relative to the file it stands in.',
  },
  E_TASK_LOAD: {
    exit: 'appFailed',
    status: 500,
    message: '{task} could not be loaded: {reason}',
    fix: 'Mend the file. TypeScript runs without a build only where Node can strip its types.',
  },
  E_TASK_EXPORT: {
    exit: 'notFound',
    status: 500,
    message: '{task} exports no function named {export}.',
    fix: 'Export the function by that name, or name another with `export`.',
  },
  E_TASK_CLONE: {
    exit: 'usage',
    status: 500,
    message: 'A value cannot be sent to or from {task}: {reason}',
    fix: 'Send plain data: no functions, symbols, sockets or promises.',
  },
  E_TASK_CRASHED: {
    exit: 'appFailed',
    status: 500,
    message: '{task}: its thread ended: {reason}',
    fix: 'Other tasks go on, and the thread was replaced. A task must not call `process.exit` or leave errors uncaught.',
  },
  E_TASK_MEMORY: {
    exit: 'appFailed',
    status: 500,
    message: '{task}: its thread reached the limit of memory.',
    fix: 'Other tasks go on, and the thread was replaced. Work in smaller parts, or raise the `memory` of the pool.',
  },
  E_TASK_TIMEOUT: {
    exit: 'timeout',
    status: 504,
    message: '{task} was not done within {timeout}, so it was ended.',
    fix: 'Allow it more time, or give it less to do.',
  },
};
