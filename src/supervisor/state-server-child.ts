/** The state server as a child of the holder: how it is asked for, and told from workers. Pure. */
import { entryFile } from '../core/entry-url.ts';
import type { Home } from '../os/home.ts';
import { STATE_SERVER_VARIABLE } from '../os/orphans.ts';
import type { ChildInfo, HolderCommand } from '../protocol/holder.ts';
import type { Welcome } from './holder-client.ts';

/** No app can be called so (src/config/app-name.ts). */
const NAME = ':state-server';

/** Events of the holder about a child have only its id. */
const PREFIX = `${NAME}:`;

export const stateServerId = (newId: () => string): string => PREFIX + newId();

export const isStateServerId = (id: string): boolean => id.startsWith(PREFIX);

type Spawn = Extract<HolderCommand, { verb: 'spawn' }>;

/** It gets the environment and the Node of the supervisor, as the supervisor has got the holder's. */
export const stateServerCommand = (id: string, { dir, stateSocket }: Home): Spawn => ({
  verb: 'spawn',
  tag: { id, app: NAME, slot: 0, generation: 0, accept: 'shared', alone: true },
  file: process.execPath,
  args: [...process.execArgv, entryFile('state-server'), '--socket', stateSocket],
  cwd: dir,
  env: { ...(process.env as Record<string, string>), [STATE_SERVER_VARIABLE]: stateSocket },
  ipc: false,
});

export interface Sorted {
  /** In it are workers alone. */
  readonly welcome: Welcome;
  /** One, unless something went wrong. */
  readonly stateServers: readonly ChildInfo[];
}

/** What everybody else reads of the holder's welcome is about workers. */
export const withoutStateServer = (welcome: Welcome): Sorted => {
  const { children } = welcome;
  return {
    welcome: { ...welcome, children: children.filter(({ tag }) => !isStateServerId(tag.id)) },
    stateServers: children.filter(({ tag }) => isStateServerId(tag.id)),
  };
};
