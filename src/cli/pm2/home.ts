/** PM2's commands about the manager itself: they are Skein's own. */
import type { Pm2Command, Session } from './session.ts';
import { showList } from './session.ts';

export const kill: Pm2Command = async ({ context }) => {
  const command = await import('../commands/kill.ts');
  return await command.run(context, [], {});
};

export const save: Pm2Command = async (session) => {
  const { isNothingThere } = await import('../running.ts');
  const command = await import('../commands/save.ts');
  try {
    return await command.run(session.context, [], {});
  } catch (error) {
    if (!isNothingThere(error)) throw error;
    session.voice.warn('Nothing runs, so there is nothing to save.');
    return 0;
  }
};

export const resurrect: Pm2Command = async ({ context }) => {
  const command = await import('../commands/resurrect.ts');
  return await command.run(context, [], {});
};

export const update: Pm2Command = async (session) => {
  const { isNothingThere } = await import('../running.ts');
  const command = await import('../commands/upgrade.ts');
  try {
    await command.run(session.context, [], {});
  } catch (error) {
    if (!isNothingThere(error)) throw error;
  }
  await showList(session);
  return 0;
};
