import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { processThreadBudget } from '../../../src/pool/process-threads.ts';
import { APP_LINK, type AppLink, type ThreadLink } from '../../../src/protocol/app-link.ts';
import { createThreadLoan } from '../../../src/worker/thread-loan.ts';

const KEY: unique symbol = Symbol.for('skein.process-threads');
const place = globalThis as { [APP_LINK]?: AppLink; [KEY]?: unknown };

/** As the preload of a worker. */
const linked = (threads: ThreadLink): void => {
  place[APP_LINK] = { threads } as AppLink;
};

afterEach(() => {
  delete place[APP_LINK];
  delete place[KEY];
  delete process.env['SKEIN_THREADS'];
});

test('in a worker it has what is lent to it', () => {
  const loan = createThreadLoan(6, () => {});
  linked(loan.link);
  const budget = processThreadBudget();
  assert.deepEqual([budget.threads, budget.most], [0, 6]);
  loan.heard(1, 2);
  assert.deepEqual([budget.threads, budget.most], [2, 6]);
  assert.equal(processThreadBudget(), budget);
});

test('where the supervisor is of a version that lends none, it has its own', () => {
  process.env['SKEIN_THREADS'] = '3';
  const { total: _, ...older } = createThreadLoan(undefined, () => {}).link;
  linked(older);
  assert.deepEqual([processThreadBudget().threads, processThreadBudget().most], [3, 3]);
});

test('alone, SKEIN_THREADS counts, and has to be a number', () => {
  process.env['SKEIN_THREADS'] = 'many';
  assert.throws(() => processThreadBudget(), { code: 'E_BAD_VALUE' });
  process.env['SKEIN_THREADS'] = '5';
  assert.equal(processThreadBudget().threads, 5);
});
