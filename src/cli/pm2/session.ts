/** One command of skein-pm2: what it knows, and asks of the supervisor. */
import { userInfo } from 'node:os';
import type { ControlClient } from '../../control/client.ts';
import { createControlClient } from '../../control/client.ts';
import { SkeinError } from '../../core/errors.ts';
import type { AppDetails, Operation, OperationRequest } from '../../protocol/control.ts';
import type { Context } from '../context.ts';
import { print } from '../context.ts';
import { failureOf, waitFor } from '../follow-operations.ts';
import { isNothingThere } from '../running.ts';
import { expand } from './expand.ts';
import type { Pm2Process } from './processes.ts';
import { processesOf } from './processes.ts';
import type { Voice } from './say.ts';
import { tellFailure } from './say.ts';
import { processTable } from './table.ts';
import type { Pm2Words } from './words.ts';

export interface Session {
  readonly context: Context;
  readonly words: Pm2Words;
  readonly voice: Voice;
  readonly client: ControlClient;
}

export type Pm2Command = (session: Session) => Promise<number>;

export const createSession = (context: Context, words: Pm2Words, voice: Voice): Session => ({
  context,
  words,
  voice,
  client: createControlClient(context.home),
});

/** All apps; none where nothing of Skein runs. */
export const allApps = async ({ client }: Session): Promise<readonly AppDetails[]> => {
  try {
    return (await client.details([])).apps;
  } catch (error) {
    if (isNothingThere(error)) return [];
    throw error;
  }
};

export const processes = (apps: readonly AppDetails[]): Pm2Process[] =>
  processesOf(apps, {
    now: Date.now(),
    user: userInfo().username,
    nodeVersion: process.versions.node,
    nodePath: process.execPath,
  });

/** The table that PM2 prints behind whatever it did. */
export const showList = async (session: Session): Promise<void> => {
  const { words, context } = session;
  if (words.options.silent !== undefined) return;
  const sort = words.options.sort;
  const list = processes(await allApps(session));
  print(context.stdout, processTable(list, Date.now(), typeof sort === 'string' ? sort : 'name'));
};

/**
 * The apps that one target means.
 * @throws SkeinError E_UNKNOWN_APP: none
 */
export const appsOf = async (session: Session, target: string): Promise<readonly AppDetails[]> => {
  const all = await allApps(session);
  const targets = expand(target, all, session.context.cwd);
  if (all.length === 0 || targets.length === 0)
    throw new SkeinError('E_UNKNOWN_APP', { target, suggestion: '' });
  return (await session.client.details(targets)).apps;
};

/** Waits, and says how each has ended. */
export const settle = async (session: Session, operations: readonly Operation[]): Promise<number> => {
  const { context, client, voice } = session;
  let code = 0;
  for (const operation of await waitFor(context, client, operations)) {
    if (operation.state === 'failed') code = tellFailure(context, voice, failureOf(context, operation));
    else voice.say(`[${operation.app}] ${operation.verb} ✓`);
  }
  return code;
};

type Verb = Exclude<OperationRequest['verb'], 'scale'>;

/** One verb for one target; 1 when it failed or there is no such target. */
export const operate = async (
  session: Session,
  target: string,
  request: (targets: readonly string[]) => Extract<OperationRequest, { verb: Verb }>,
): Promise<number> => {
  try {
    const all = await allApps(session);
    const targets = expand(target, all, session.context.cwd);
    if (all.length === 0 || targets.length === 0)
      throw new SkeinError('E_UNKNOWN_APP', { target, suggestion: '' });
    const { operations } = await session.client.operate(request(targets));
    return await settle(session, operations);
  } catch (error) {
    return tellFailure(session.context, session.voice, error);
  }
};
