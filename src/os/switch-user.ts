/**
 * Starting a process as another user, with that user's groups (initgroups(3)). Node's own `uid` and
 * `gid` of spawn drop all supplementary groups, so another program changes the user and becomes
 * the wanted one by exec, which keeps pid, descriptors and environment: setpriv(1) of util-linux, or
 * where that is missing (Alpine, macOS) a file of Skein's own, src/entry/as-user.ts.
 */
import { execFile } from 'node:child_process';
import { entryFile } from '../core/entry-url.ts';
import type { RunAs } from '../protocol/app-spec.ts';
import { which } from './which.ts';

export interface Launch {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type UserSwitch =
  /** `env`: the path of env(1). */
  | { readonly kind: 'setpriv'; readonly file: string; readonly env: string }
  | { readonly kind: 'node'; readonly file: string };

/** Not the app's PATH: what runs as root is not for it to choose. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

const ASK_MS = 5_000;

/**
 * Node closes every descriptor above 2 when it becomes another program, and the IPC channel is 3: on
 * its way through Node it is descriptor 0, which a worker does not use. The shell that puts it back
 * runs as the user.
 */
const BEFORE_SWITCH = `if [ -n "$NODE_CHANNEL_FD" ]; then
  unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE
  export SKEIN_CHANNEL=1
  exec 0<&3 3<&-
fi
exec "$@"`;
export const CHANNEL_VARIABLE = 'SKEIN_CHANNEL';
export const AFTER_SWITCH = 'exec 3<&0 0</dev/null; exec "$@"';

/** Prefix of the app's variables while they must not have their names. See `asUser`. */
export const HIDDEN_PREFIX = 'SKEIN_ENV_';

/**
 * What the loader, the C library and gettext read, such as LD_PRELOAD or GCONV_PATH: given to a
 * program that still is root they would run the app's code as root (ld.so(8), "secure-execution mode").
 */
const READ_BY_LIBC =
  /^((LD|LC|GLIBC|MALLOC)_[A-Z_]+|LANG|LANGUAGE|LOCPATH|LOCALDOMAIN|HOSTALIASES|NIS_PATH|NLSPATH|GCONV_PATH|GETCONF_DIR|RES_OPTIONS|RESOLV_HOST_CONF|TZ|TZDIR|TMPDIR|TEXTDOMAIN|TEXTDOMAINDIR|OUTPUT_CHARSET)$/;

/** setpriv of busybox exists as well and knows nothing of users. */
const canInitGroups = (file: string): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(file, ['--help'], { timeout: ASK_MS }, (_, stdout, stderr) =>
      resolve(`${stdout}${stderr}`.includes('--init-groups')),
    );
  });

/** How this machine changes users. `path`: where programs are looked for. */
export const findUserSwitch = async (path: string = SYSTEM_PATH): Promise<UserSwitch> => {
  const setpriv = which('setpriv', path);
  const env = which('env', path);
  return setpriv !== undefined && env !== undefined && (await canInitGroups(setpriv))
    ? { kind: 'setpriv', file: setpriv, env }
    : { kind: 'node', file: entryFile('as-user') };
};

/** Whether a process of this user needs no change to be that one. */
export const isSelf = ({ uid, gid }: RunAs): boolean =>
  process.geteuid?.() === uid && process.getegid?.() === gid;

/** The same process, as that user. Pure. */
export const asUser = ({ file, args, env }: Launch, { user, uid, gid }: RunAs, how: UserSwitch): Launch => {
  if (how.kind === 'setpriv') {
    const all = Object.entries(env);
    // Set again by env(1), which runs as the user already.
    const late = all.filter(([name]) => READ_BY_LIBC.test(name)).map(([name, value]) => `${name}=${value}`);
    return {
      file: how.file,
      args: [
        `--reuid=${uid}`,
        `--regid=${gid}`,
        '--init-groups',
        '--',
        ...(late.length === 0 ? [] : [how.env, ...late]),
        file,
        ...args,
      ],
      env: Object.fromEntries(all.filter(([name]) => !READ_BY_LIBC.test(name))),
    };
  }
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', how.file];
  return {
    file: '/bin/sh',
    args: ['-c', BEFORE_SWITCH, 'sh', ...node, user, String(uid), String(gid), file, ...args],
    // NODE_OPTIONS and its like would be obeyed as root.
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [`${HIDDEN_PREFIX}${name}`, value])),
  };
};
