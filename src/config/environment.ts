/** The environment an app gets: that of the command, without what belongs to the command's own process. */

import { KEPT_PREFIX } from '../protocol/holder.ts';

/** Set by Node, Skein or systemd for one process; in another they would mean that one's channels. */
const ownToTheProcess = new Set([
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'SKEIN_BOOT',
  // sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3), systemd.exec(5): of one service's main process.
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'INVOCATION_ID',
  'JOURNAL_STREAM',
  'SYSTEMD_EXEC_PID',
  'MAINPID',
  'MANAGERPID',
]);

/** The store of the app that runs the command, a hook for example, is not the one of the app it starts. */
const isOfAnotherApp = (name: string, value: string): boolean =>
  name === 'SKEIN_STATE' && value.startsWith('embedded:');

export const inheritedEnv = (env: Readonly<NodeJS.ProcessEnv>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] =>
        pair[1] !== undefined &&
        !ownToTheProcess.has(pair[0]) &&
        !pair[0].startsWith(KEPT_PREFIX) &&
        !isOfAnotherApp(pair[0], pair[1]),
    ),
  );
