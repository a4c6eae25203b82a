/** The environment an app gets: that of the command, without what belongs to the command's own process. */

/** Set by Node or Skein for one process; in another they would mean that one's channels. */
const ownToTheProcess = new Set([
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'SKEIN_BOOT',
]);

export const inheritedEnv = (env: Readonly<NodeJS.ProcessEnv>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !ownToTheProcess.has(pair[0]),
    ),
  );
