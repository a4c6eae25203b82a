/** PM2's commands that change what runs; each target is a command of its own, as there. */
import { readCount, readSignal } from '../../config/values.ts';
import type { OperationRequest } from '../../protocol/control.ts';
import { deleteFile, isFileTarget, reloadFile, startFile, stopFile } from './files.ts';
import { specPatchOf } from './patch.ts';
import type { Pm2Command, Session } from './session.ts';
import { allApps, appsOf, operate, settle, showList } from './session.ts';
import { tellFailure } from './say.ts';

type Request = Parameters<typeof operate>[2];

/** The first that fails ends it, but its siblings that were changed stay so. */
const each = async (
  session: Session,
  file: (session: Session, target: string) => Promise<number>,
  request: Request,
  app: typeof operate = operate,
): Promise<number> => {
  const { words, voice } = session;
  if (words.targets.length === 0) {
    voice.error(`${words.command} needs a name, an id, a namespace, a file or all.`);
    return 1;
  }
  for (const target of words.targets) {
    if (target === 'all' && (await allApps(session)).length === 0) {
      voice.warn('There are no processes.');
      return 1;
    }
    const code = isFileTarget(session, target)
      ? await file(session, target)
      : await app(session, target, request);
    if (code !== 0) return code;
  }
  return 0;
};

const thenList = async (session: Session, code: number): Promise<number> => {
  if (code === 0) await showList(session);
  return code;
};

export const stop: Pm2Command = async (session) =>
  await thenList(session, await each(session, stopFile, (targets) => ({ verb: 'stop', targets })));

export const remove: Pm2Command = async (session) =>
  await thenList(session, await each(session, deleteFile, (targets) => ({ verb: 'delete', targets })));

const patched = <Verb extends 'restart' | 'reload'>(
  session: Session,
  verb: Verb,
): ((targets: readonly string[]) => Extract<OperationRequest, { verb: Verb }>) => {
  const patch = specPatchOf(session);
  return (targets) =>
    ({ verb, targets, ...(patch !== undefined && { patch }) }) as Extract<OperationRequest, { verb: Verb }>;
};

export const restart: Pm2Command = async (session) =>
  await thenList(session, await each(session, startFile, patched(session, 'restart')));

/** PM2's reload also starts what is stopped. */
const reloadOrStart =
  (start: Request): typeof operate =>
  async (session, target, request) => {
    const apps = await appsOf(session, target).catch(() => []);
    const named = (rests: boolean): string[] =>
      apps
        .filter(({ state }) => (state === 'stopped' || state === 'failed') === rests)
        .map(({ name }) => name);
    const resting = named(true);
    if (resting.length === 0) return await operate(session, target, request);
    let code = 0;
    for (const name of resting) code ||= await operate(session, name, start);
    for (const name of named(false)) code ||= await operate(session, name, request);
    return code;
  };

export const reload: Pm2Command = async (session) => {
  const parallel = session.words.options.parallel;
  const request = patched(session, 'reload');
  const count = typeof parallel === 'string' ? readCount('--parallel', parallel, 1) : undefined;
  return await each(
    session,
    reloadFile,
    (targets) => ({ ...request(targets), ...(count !== undefined && { parallel: count }) }),
    reloadOrStart(patched(session, 'restart')),
  );
};

export const scale: Pm2Command = async (session) => {
  const { words, voice, context, client } = session;
  const [name, to] = words.targets;
  if (name === undefined || to === undefined) {
    voice.error('scale needs an app and a number: scale api 4, +2, -1 or max.');
    return 1;
  }
  const app = (await allApps(session)).find((one) => one.name === name);
  if (app === undefined) {
    voice.error(`There is no application ${name}.`);
    return 1;
  }
  if (to === String(app.instances)) {
    voice.error(`${name} has ${to} instances already.`);
    return 1;
  }
  try {
    // With PM2, none is left; an app of Skein's has one at least.
    const { operations } = await client.operate(
      to === '0' ? { verb: 'delete', targets: [name] } : { verb: 'scale', targets: [name], to },
    );
    return await thenList(session, await settle(session, operations));
  } catch (error) {
    return tellFailure(context, voice, error);
  }
};

export const reset: Pm2Command = async (session) => {
  const { words, voice, client } = session;
  const [target = ''] = words.targets;
  const apps = await allApps(session);
  if (apps.length > 0) voice.say(`Counters set back: ${(await client.reset([target])).join(', ')}`);
  else if (target !== 'all') {
    voice.error(`There is no process ${target}.`);
    return 1;
  }
  return await thenList(session, 0);
};

export const sendSignal: Pm2Command = async (session) => {
  const { words, client, voice } = session;
  const [name = '', ...targets] = words.targets;
  const signal = readSignal(name);
  if ((await allApps(session)).length === 0 || targets.length === 0) {
    voice.error(`There is no process ${targets.join(', ')}.`);
    return 1;
  }
  const { signalled } = await client.signal({ signal, targets });
  voice.say(`${signal} sent to ${signalled.join(', ')}`);
  return await thenList(session, 0);
};
