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
  return (await command.run(context, [], {})) === 0 ? 0 : 1;
};

/** PM2 takes names of systems too; which service manager they have is found out. */
const SYSTEMS = new Set(
  'ubuntu ubuntu14 ubuntu12 debian centos centos6 redhat amazon oracle arch gentoo darwin macos upstart rcd rcd-openbsd smf'.split(
    ' ',
  ),
);

const service = async (session: Session, verb: 'startup' | 'unstartup'): Promise<number> => {
  const { context, words } = session;
  const { startupHome, serviceName } = words.options;
  const managers = words.targets.filter((word) => !SYSTEMS.has(word));
  const user = words.keys['uid'];
  const options = {
    root: '/',
    name: typeof serviceName === 'string' ? serviceName : 'skein',
    ...(typeof user === 'string' && { as: user }),
    ...(typeof startupHome === 'string' && { hp: startupHome }),
  };
  const command =
    verb === 'startup' ? await import('../commands/startup.ts') : await import('../commands/unstartup.ts');
  return (await command.run(context, managers, options)) === 0 ? 0 : 1;
};

export const startup: Pm2Command = async (session) => await service(session, 'startup');

export const unstartup: Pm2Command = async (session) => await service(session, 'unstartup');

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

export const flush: Pm2Command = async ({ client, words, voice }) => {
  const { isNothingThere } = await import('../running.ts');
  try {
    const { flushed } = await client.flushLogs(words.targets);
    for (const path of flushed) voice.say(`${path} is empty`);
  } catch (error) {
    if (!isNothingThere(error)) throw error;
  }
  return 0;
};

export const reloadLogs: Pm2Command = async ({ client, voice }) => {
  const { isNothingThere } = await import('../running.ts');
  try {
    await client.reopenLogs();
    voice.say('The log files are opened anew.');
  } catch (error) {
    if (!isNothingThere(error)) throw error;
  }
  return 0;
};

export const ecosystem: Pm2Command = async ({ context }) => {
  const command = await import('../commands/init.ts');
  return await command.run(context, ['pm2'], {});
};
