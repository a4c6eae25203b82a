/** The control client of a command, with the background processes started where a command needs them. */
import type { ControlClient } from '../control/client.ts';
import { createControlClient } from '../control/client.ts';
import { SkeinError } from '../core/errors.ts';
import type { Context } from './context.ts';

export const isNothingThere = (error: unknown): boolean =>
  error instanceof SkeinError && error.code === 'E_NO_SUPERVISOR';

/** Runs `command`; if nothing of Skein runs yet, starts it and runs `command` then. */
export const withSupervisor = async <Value>(
  context: Context,
  command: (client: ControlClient) => Promise<Value>,
): Promise<Value> => {
  const client = createControlClient(context.home);
  try {
    return await command(client);
  } catch (error) {
    if (!isNothingThere(error)) throw error;
  }
  const { prepareHome } = await import('./home-directory.ts');
  const { bootHolder } = await import('./boot.ts');
  prepareHome(context.home);
  const { recallForBoot } = await import('./recall-secrets.ts');
  const kept = await recallForBoot(context);
  await bootHolder({ home: context.home, env: context.env, kept });
  return await command(client);
};
