/** From PM2's words, on the command line, in a file or on stdin, to apps as the supervisor takes them. */
import { namesFile } from '../../config/script.ts';
import { readPm2App } from '../../config/pm2/app.ts';
import type { Pm2Context, ReadPm2App } from '../../config/pm2/app.ts';
import { noteText, readPm2File } from '../../config/pm2/file.ts';
import { pm2Keys } from '../../config/pm2/keys.ts';
import type { LoadedFile } from '../../config/file/load.ts';
import { loadFile } from '../../config/file/load.ts';
import { placeOfSetting } from '../../config/pm2/loaded.ts';
import { resolveApps } from '../../config/resolve.ts';
import { join } from 'node:path';
import type { ApplyApp } from '../../protocol/control.ts';
import { settingsContext } from '../settings-context.ts';
import type { Session } from './session.ts';

/** What PM2 waits before it kills. */
const KILL_TIMEOUT_MS = 1600;

const contextOf = ({ context, words }: Session, file: string): Pm2Context => ({
  file,
  profile: typeof words.options.env === 'string' ? words.options.env : undefined,
  isFile: (path) => namesFile(path, context.cwd),
  killTimeoutMs: KILL_TIMEOUT_MS,
});

/** PM2 names log files so, and gives each of several instances its own unless they are to be merged. */
const withLogs = (session: Session, { app }: ReadPm2App): ReadPm2App['app'] => {
  const { logDir } = session.context.home;
  const several = app.instances !== undefined && app.instances !== 1;
  return {
    ...app,
    logs: {
      ...(several && { perWorker: true }),
      out: join(logDir, `${app.name}-out.log`),
      err: join(logDir, `${app.name}-error.log`),
      ...app.logs,
    },
  };
};

const resolved = async (
  session: Session,
  apps: readonly ReadPm2App[],
  shown: string,
  source: string | null,
  lineOf: LoadedFile['lineOf'] = () => undefined,
): Promise<readonly ApplyApp[]> => {
  const { context, words, voice } = session;
  const profile = typeof words.options.env === 'string' ? words.options.env : undefined;
  const hasProfile = profile !== undefined && apps.some(({ app }) => `env_${profile}` in app);
  if (profile !== undefined && !hasProfile) voice.warn(`${shown} has no env_${profile}; env alone counts.`);
  const { apps: ready, problems } = await resolveApps(
    apps.map((app) => ({
      value: withLogs(session, app),
      place: (path) => placeOfSetting(app, path, { shown, lineOf }),
    })),
    { source, shown, dir: context.cwd, profile: hasProfile ? profile : undefined },
    settingsContext(context),
  );
  const [first] = problems;
  if (first !== undefined) throw first;
  return ready.map(({ app }) => app);
};

const chosen = <App extends ApplyApp>({ words }: Session, apps: readonly App[]): readonly App[] => {
  const { only } = words.options;
  if (typeof only !== 'string') return apps;
  const names = new Set(only.split(',').map((name) => name.trim()));
  return apps.filter(({ spec: { name } }) => names.has(name));
};

const told = (session: Session, file: string, notes: ReadPm2App['notes']): void => {
  for (const note of notes) session.voice.warn(noteText(file, note));
};

/** One script with the flags of the command line. */
export const appOfScript = async (session: Session, script: string): Promise<ApplyApp> => {
  const { words } = session;
  const app = {
    script,
    ...words.keys,
    ...(words.appArgs !== undefined && { args: words.appArgs }),
  };
  const read = readPm2App(app, [], pm2Keys, contextOf(session, 'the command'));
  told(session, 'the command', read.notes);
  const [only] = await resolved(session, [read], 'the command', null);
  return only!;
};

/** The apps of an ecosystem file, or of JSON on stdin (`-`); `--only` some of them. */
export const appsOfFile = async (session: Session, name: string): Promise<readonly ApplyApp[]> => {
  const { context, words } = session;
  const profile = typeof words.options.env === 'string' ? words.options.env : undefined;
  const loaded = await loadFile(name, { cwd: context.cwd, env: context.env, profile });
  const { apps, notes } = readPm2File(loaded.value, {
    ...contextOf(session, loaded.shown),
    lineOf: loaded.lineOf,
  });
  told(session, loaded.shown, notes);
  return chosen(
    session,
    await resolved(session, apps, loaded.shown, name === '-' ? null : loaded.path, loaded.lineOf),
  );
};
