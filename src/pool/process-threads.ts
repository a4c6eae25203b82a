/** The budget of this process, which all pools share unless they are given another. */
import { SkeinError } from '../core/errors.ts';
import { machineThreads, THREADS_VARIABLE } from '../os/machine-threads.ts';
import { appLink } from '../protocol/app-link.ts';
import { borrowThreads } from './borrowed-threads.ts';
import { createThreadBudget, type ThreadBudget } from './thread-budget.ts';

/** One for all copies of this module in the thread: two would each use what was lent once. */
const KEY: unique symbol = Symbol.for('skein.process-threads');

const create = (): ThreadBudget => {
  const link = appLink()?.threads;
  // A supervisor that lends none leaves each worker to itself, as where there is no supervisor.
  if (link?.total !== undefined) return borrowThreads(link, link.total);
  if (machineThreads(process.env).wrong !== undefined)
    throw new SkeinError('E_BAD_VALUE', {
      option: THREADS_VARIABLE,
      value: 'what it is set to',
      expected: 'a whole number from 1 to 9999',
      example: '4',
    });
  return createThreadBudget();
};

/**
 * In a worker of Skein: the threads of the machine that are lent to it. Elsewhere: as many as there are
 * CPUs, or SKEIN_THREADS. Throws E_BAD_VALUE when that is no number.
 */
export const processThreadBudget = (): ThreadBudget => {
  const place = globalThis as { [KEY]?: ThreadBudget };
  return (place[KEY] ??= create());
};
