/** PM2's `start`: a script, a file of apps, or what is known already. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { namesFile } from '../../config/script.ts';
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { AppDetails } from '../../protocol/control.ts';
import { withSupervisor } from '../running.ts';
import { appOfScript } from './apps.ts';
import { isFileTarget, startFile } from './files.ts';
import { specPatchOf } from './patch.ts';
import { tellFailure } from './say.ts';
import type { Pm2Command, Session } from './session.ts';
import { allApps, operate, settle, showList } from './session.ts';

const ECOSYSTEM = ['ecosystem.config.js', 'ecosystem.config.cjs', 'ecosystem.config.mjs', 'ecosystem.json'];

const isKnown = (apps: readonly AppDetails[], target: string): boolean =>
  target === 'all' ||
  (apps.length > 0 && /^\/.+\/$/.test(target)) ||
  apps.some(
    ({ name, namespace, ids }) =>
      name === target || (namespace ?? 'default') === target || ids.some((id) => String(id) === target),
  );

/** A second start of the same script with the same name is refused, unless forced: then it is one more. */
const startAgain = async (session: Session, known: AppDetails, spec: AppSpec): Promise<number> => {
  const { voice, words, client } = session;
  if (known.script !== spec.script) {
    voice.error(
      `${known.name} is the name of ${known.script} already; a name stands for one app. Give this one another with --name.`,
    );
    return 1;
  }
  const runs = known.workers.some(({ pid }) => pid !== null);
  if (!runs) return await settle(session, (await client.start({ spec })).operations);
  if (words.options.force === undefined) {
    voice.error(`${known.name} runs ${spec.script} already; with -f it gets one more instance.`);
    return 1;
  }
  const { operations } = await client.operate({ verb: 'scale', targets: [known.name], to: '+1' });
  return await settle(session, operations);
};

const startScript = async (
  session: Session,
  script: string,
  apps: readonly AppDetails[],
): Promise<number> => {
  const { spec, autostart } = await appOfScript(session, script);
  const known = apps.find(({ name }) => name === spec.name);
  if (known !== undefined) return await startAgain(session, known, spec);
  const { operations } = await withSupervisor(session.context, async (client) =>
    autostart
      ? await client.start({ spec })
      : await client.apply({ apps: [{ spec, autostart }], stop: 'none', atLeast: null, dryRun: false }),
  );
  session.voice.say(`${spec.script} as ${spec.name}, ${spec.instances} instances`);
  return await settle(session, operations);
};

const startOne = async (session: Session, target: string): Promise<number> => {
  if (isFileTarget(session, target)) return await startFile(session, target);
  const apps = await allApps(session);
  const isScript = namesFile(target, session.context.cwd) && !apps.some(({ name }) => name === target);
  if (isScript || !isKnown(apps, target)) return await startScript(session, target, apps);
  const patch = specPatchOf(session);
  return await operate(session, target, (targets) => ({
    verb: 'restart',
    targets,
    ...(patch !== undefined && { patch }),
  }));
};

export const start: Pm2Command = async (session) => {
  const { words, context, voice } = session;
  const found = ECOSYSTEM.find((file) => existsSync(resolve(context.cwd, file)));
  const targets = words.targets.length > 0 ? words.targets : found === undefined ? [] : [found];
  if (targets.length === 0) {
    voice.error('There is no ecosystem.config.js here; name a script, a file or an app.');
    return 1;
  }
  for (const target of targets) {
    try {
      const code = await startOne(session, target);
      if (code !== 0) return code;
    } catch (error) {
      return tellFailure(context, voice, error);
    }
  }
  await showList(session);
  return 0;
};
