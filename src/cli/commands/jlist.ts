/** `skein jlist`: what runs, in the shape of PM2's `jlist`. */
import { isNothingThere } from '../running.ts';
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { printJson } from '../context.ts';
import { processes } from '../pm2/session.ts';

export const run: Run<object> = async (context) => {
  const client = createControlClient(context.home);
  try {
    printJson(context.stdout, processes((await client.details([])).apps));
  } catch (error) {
    if (!isNothingThere(error)) throw error;
    printJson(context.stdout, []);
  }
  return 0;
};
