/** From the words of `skein startup` to the service that is meant. */
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SkeinError } from '../../core/errors.ts';
import { resolveHome } from '../../os/home.ts';
import { findUser } from '../../os/users.ts';
import { which } from '../../os/which.ts';
import type { Context } from '../context.ts';
import type { BootService, ServiceManager } from './boot-service.ts';
import { serviceManagers } from './boot-service.ts';
import { presentManager } from './places.ts';

export interface StartupOptions {
  readonly name: string;
  /** A service of this user's own, without root. */
  readonly user?: boolean;
  /** The user that a service of the machine runs as. */
  readonly as?: string;
  /** Home directory of that user, as PM2's scripts give it. */
  readonly hp?: string;
  readonly root: string;
  readonly print?: boolean;
}

/** @throws SkeinError E_BAD_VALUE, E_USAGE */
export const managerOf = (context: Context, word: string | undefined): ServiceManager => {
  if (word !== undefined) {
    const known = serviceManagers.find((name) => name === word);
    if (known !== undefined) return known;
    throw new SkeinError('E_BAD_VALUE', {
      option: 'startup',
      value: word,
      expected: `one of ${serviceManagers.join(', ')}`,
      example: 'skein startup systemd',
    });
  }
  const present = presentManager(context.env['PATH']);
  if (present !== undefined) return present;
  throw new SkeinError('E_USAGE', {
    reason: 'No service manager was found here; name one: systemd, openrc or launchd.',
    command: 'skein startup',
  });
};

const nameOf = (written: string): string => {
  const name = written.replace(/\.service$/, '');
  if (/^[A-Za-z0-9_][\w.@-]{0,99}$/.test(name)) return name;
  throw new SkeinError('E_BAD_VALUE', {
    option: '--name',
    value: written,
    expected: 'the name of a service',
    example: '--name skein',
  });
};

/** The link in PATH that leads here stays when a version is replaced; where it leads to may not. */
const binOf = (env: Readonly<NodeJS.ProcessEnv>): string => {
  const own = fileURLToPath(new URL('../../../bin/skein.js', import.meta.url));
  const found = which('skein', env['PATH']);
  try {
    if (found !== undefined && realpathSync(found) === realpathSync(own)) return found;
  } catch {
    // It has just gone.
  }
  return own;
};

/** What is in PATH for this shell only (relative, of one project) is not for a service. */
const pathOf = (env: Readonly<NodeJS.ProcessEnv>): string => {
  const dirs = [dirname(process.execPath), ...(env['PATH'] ?? '').split(delimiter)];
  const kept = dirs.filter((dir) => isAbsolute(dir) && !dir.endsWith('node_modules/.bin'));
  return [...new Set([...kept, '/usr/local/bin', '/usr/bin', '/bin'])].join(delimiter);
};

const homeOf = (context: Context, user: string, { hp }: StartupOptions): string => {
  const { env, home } = context;
  if ((env['SKEIN_HOME'] ?? '') !== '' || (user === userInfo().username && hp === undefined)) return home.dir;
  const base = hp ?? findUser(user)?.home;
  if (base === undefined)
    throw new SkeinError('E_USER', { app: 'Skein', user, reason: 'there is no such user' });
  return resolveHome({ XDG_STATE_HOME: join(base, '.local', 'state') }).dir;
};

/** @throws SkeinError E_BAD_VALUE, E_USER, E_USAGE */
export const serviceOf = (context: Context, options: StartupOptions): BootService => {
  const { env } = context;
  if (options.user === true && options.as !== undefined) {
    throw new SkeinError('E_USAGE', {
      reason: 'A service of your own (--user) runs as you; --as is for one of the machine.',
      command: 'skein startup',
    });
  }
  const owner = options.as ?? userInfo().username;
  if (options.as !== undefined && findUser(owner) === undefined)
    throw new SkeinError('E_USER', { app: 'Skein', user: owner, reason: 'there is no such user' });
  return {
    name: nameOf(options.name),
    user: options.user === true ? null : owner,
    home: homeOf(context, owner, options),
    path: pathOf(env),
    node: process.execPath,
    bin: binOf(env),
    notify: which('systemd-notify', `${env['PATH'] ?? ''}${delimiter}/usr/bin${delimiter}/bin`) !== undefined,
  };
};
