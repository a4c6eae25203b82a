/**
 * Becomes another user, with its groups, and then another program. Used where setpriv(1) is
 * missing; its arguments and environment are made by `asUser` in src/os/switch-user.ts.
 *
 *   as-user <user> <uid> <gid> <file> [argument…]
 */
import { AFTER_SWITCH, CHANNEL_VARIABLE, HIDDEN_PREFIX } from '../os/switch-user.ts';

const [user = '', uid, gid, ...command] = process.argv.slice(2);

const env: Record<string, string> = {};
for (const [name, value] of Object.entries(process.env))
  if (name.startsWith(HIDDEN_PREFIX) && value !== undefined) env[name.slice(HIDDEN_PREFIX.length)] = value;

const hasChannel = process.env[CHANNEL_VARIABLE] !== undefined;
if (hasChannel) Object.assign(env, { NODE_CHANNEL_FD: '3', NODE_CHANNEL_SERIALIZATION_MODE: 'json' });
// A program that is not there: a shell says so, while execve of Node ends in a core dump.
const argv = ['/bin/sh', '-c', hasChannel ? AFTER_SWITCH : 'exec "$@"', 'sh', ...command];

// Not in the types of Node.
const { initgroups: initGroups } = process as unknown as {
  initgroups(user: string, gid: number): void;
};

try {
  initGroups(user, Number(gid));
  process.setgid!(Number(gid));
  process.setuid!(Number(uid));
  process.execve!('/bin/sh', argv, env);
} catch (error) {
  process.stderr.write(`skein: ${(error as Error).message}\n`);
  process.exitCode = 127;
}
