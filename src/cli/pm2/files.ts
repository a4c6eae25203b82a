/** PM2's commands for all apps of an ecosystem file, or of JSON on stdin. */
import type { OperationRequest } from '../../protocol/control.ts';
import { withSupervisor } from '../running.ts';
import { appsOfFile } from './apps.ts';
import type { Pm2Command, Session } from './session.ts';
import { allApps, settle, showList } from './session.ts';

/** What PM2 takes for a file by its name. */
export const isFileTarget = (_session: Session, target: string): boolean =>
  target === '-' || /\.(?:json|ya?ml|config\.(?:js|cjs|mjs))$/.test(target);

/** Starts those that are missing, and does `atLeast` to the others; what the file changed comes with it. */
const apply = async (session: Session, target: string, atLeast: 'restart' | 'reload'): Promise<number> => {
  const { voice, words } = session;
  const apps = await appsOfFile(session, target);
  const parallel = typeof words.options.parallel === 'string' ? Number(words.options.parallel) : undefined;
  const { operations } = await withSupervisor(
    session.context,
    async (client) =>
      await client.apply({
        apps,
        stop: 'none',
        atLeast,
        // PM2 takes the present environment over for what comes from a file.
        updateEnv: true,
        dryRun: false,
        ...(parallel !== undefined && parallel > 0 && { parallel }),
      }),
  );
  if (operations.length === 0) voice.say('Nothing to do.');
  return await settle(session, operations);
};

export const startFile = async (session: Session, target: string): Promise<number> =>
  await apply(session, target, 'restart');

export const reloadFile = async (session: Session, target: string): Promise<number> =>
  await apply(session, target, 'reload');

/** Only those of the file's apps that are known. */
const operateOn = async (session: Session, target: string, verb: 'stop' | 'delete'): Promise<number> => {
  const wanted = new Set((await appsOfFile(session, target)).map(({ spec }) => spec.name));
  const targets = (await allApps(session)).map(({ name }) => name).filter((name) => wanted.has(name));
  if (targets.length === 0) {
    session.voice.warn(`None of the apps of ${target} is known.`);
    return 1;
  }
  const request: OperationRequest = { verb, targets };
  const { operations } = await session.client.operate(request);
  return await settle(session, operations);
};

export const stopFile = async (session: Session, target: string): Promise<number> =>
  await operateOn(session, target, 'stop');

export const deleteFile = async (session: Session, target: string): Promise<number> =>
  await operateOn(session, target, 'delete');

const command =
  (run: (session: Session, target: string) => Promise<number>): Pm2Command =>
  async (session) => {
    const [target] = session.words.targets;
    if (target === undefined) {
      session.voice.error(`${session.words.command} needs a file.`);
      return 1;
    }
    const code = await run(session, target);
    if (code === 0) await showList(session);
    return code;
  };

export const startOrRestart: Pm2Command = command(startFile);
export const startOrReload: Pm2Command = command(reloadFile);
