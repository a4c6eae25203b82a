/** PM2's commands that show what runs. */
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { isSecret } from '../../config/secret-names.ts';
import { SkeinError } from '../../core/errors.ts';
import { print } from '../context.ts';
import { isNothingThere, withSupervisor } from '../running.ts';
import { describeProcess } from './describe.ts';
import type { Pm2Process } from './processes.ts';
import type { Pm2Command, Session } from './session.ts';
import { allApps, appsOf, processes, showList } from './session.ts';
import { processTable } from './table.ts';

const isUnknown = (error: unknown): boolean =>
  isNothingThere(error) || (error instanceof SkeinError && error.code === 'E_UNKNOWN_APP');

/** By id or by name; none where nothing is meant. */
const processesOf = async (session: Session, target: string): Promise<readonly Pm2Process[]> => {
  try {
    const all = processes(await appsOf(session, target));
    return /^\d+$/.test(target) && all.some(({ pm_id }) => pm_id === Number(target))
      ? all.filter(({ pm_id }) => pm_id === Number(target))
      : all;
  } catch (error) {
    if (isUnknown(error)) return [];
    throw error;
  }
};

export const list: Pm2Command = async (session) => {
  await showList(session);
  return 0;
};

export const jlist: Pm2Command = async (session) => {
  print(session.context.stdout, JSON.stringify(processes(await allApps(session))));
  return 0;
};

export const prettylist: Pm2Command = async (session) => {
  print(
    session.context.stdout,
    inspect(processes(await allApps(session)), { depth: 6, maxArrayLength: null }),
  );
  return 0;
};

export const describe: Pm2Command = async (session) => {
  const { words, context, voice } = session;
  const [target = ''] = words.targets;
  const found = await processesOf(session, target);
  if (found.length === 0) {
    voice.warn(`There is no process ${target}.`);
    return 1;
  }
  for (const process of found) print(context.stdout, describeProcess(process, Date.now()));
  return 0;
};

/** Like PM2's, a list as JavaScript writes it: `[ 1, 2 ]`. */
export const id: Pm2Command = async (session) => {
  const [name = ''] = session.words.targets;
  const ids = processes(await allApps(session)).filter((process) => process.name === name);
  print(session.context.stdout, inspect(ids.map(({ pm_id }) => pm_id)));
  return 0;
};

/** One line each; 0 for what is stopped. Without a name: of all. */
export const pid: Pm2Command = async (session) => {
  const [name] = session.words.targets;
  const found = processes(await allApps(session)).filter(
    (process) => name === undefined || process.name === name || String(process.pm_id) === name,
  );
  print(session.context.stdout, found.map((process) => process.pid).join('\n'));
  return 0;
};

export const env: Pm2Command = async (session) => {
  const { words, context, voice, client } = session;
  const [target = ''] = words.targets;
  const [found] = await processesOf(session, target);
  if (found === undefined) {
    voice.error(`There is no process ${target}.`);
    return 1;
  }
  const { apps } = await client.environments([found.name]);
  const slot = String(found.pm2_env['NODE_APP_INSTANCE']);
  const entries = Object.entries({ ...apps[0]?.env, [String(found.pm2_env['instance_var'])]: slot });
  for (const [name, value] of entries)
    print(context.stdout, `${name}: ${isSecret(name, value) ? '********' : value}`);
  return 0;
};

export const ping: Pm2Command = async ({ context }) => {
  await withSupervisor(context, async (client) => await client.ping());
  print(context.stdout, "{ msg: 'pong' }");
  return 0;
};

export const report: Pm2Command = async (session) => {
  const { context } = session;
  const { holder, supervisor } = await withSupervisor(context, async (client) => await client.ping());
  print(
    context.stdout,
    [
      `skein        ${supervisor.version}`,
      `node         ${process.version} (${process.execPath})`,
      `home         ${context.home.dir}`,
      `supervisor   pid ${supervisor.pid}`,
      `holder       ${holder === null ? 'gone' : `pid ${holder.pid}`}`,
      `log          ${context.home.supervisorLog}`,
    ].join('\n'),
  );
  await showList(session);
  return 0;
};

const EVERY_MS = 900;

/** Until Ctrl-C; once where there is no terminal to draw on. */
export const monit: Pm2Command = async (session) => {
  const { context } = session;
  if (context.stdout.isTTY !== true) return await list(session);
  for (;;) {
    const table = processTable(processes(await allApps(session)), Date.now(), 'name');
    context.stdout.write(`\u001b[H\u001b[2J${table}\n`);
    await pause(EVERY_MS);
  }
};
