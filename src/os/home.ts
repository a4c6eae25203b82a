/**
 * Where one installation keeps its files. `SKEIN_HOME` names it; without it the state directory of
 * the XDG base directory specification is used, so each user has one of their own.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Home {
  readonly dir: string;
  /** The control API. On Windows a named pipe. */
  readonly controlSocket: string;
  /** Where workers connect to. */
  readonly workerSocket: string;
  /** Of the state server, which holds what apps share. */
  readonly stateSocket: string;
  readonly holderPid: string;
  readonly holderLog: string;
  readonly supervisorLog: string;
  readonly stateFile: string;
  /** The saved list (src/protocol/saved-list.ts). */
  readonly appsFile: string;
  readonly logDir: string;
  /** Sockets of single workers, on which balancers reach them. */
  readonly ownSockets: string;
}

export const homeFrom = (dir: string): Home => ({
  dir,
  controlSocket: join(dir, 'control.sock'),
  workerSocket: join(dir, 'workers.sock'),
  stateSocket: join(dir, 'state.sock'),
  holderPid: join(dir, 'holder.json'),
  holderLog: join(dir, 'holder.log'),
  supervisorLog: join(dir, 'supervisor.log'),
  stateFile: join(dir, 'state.json'),
  appsFile: join(dir, 'apps.json'),
  logDir: join(dir, 'logs'),
  ownSockets: join(dir, 'b'),
});

/** The home that the environment names. Reads `SKEIN_HOME` and `XDG_STATE_HOME`. */
export const resolveHome = (env: Readonly<NodeJS.ProcessEnv>): Home => {
  const named = env['SKEIN_HOME'];
  if (named !== undefined && named !== '') return homeFrom(resolve(named));
  const state = env['XDG_STATE_HOME'];
  const base = state !== undefined && state.startsWith('/') ? state : join(homedir(), '.local', 'state');
  return homeFrom(join(base, 'skein'));
};
