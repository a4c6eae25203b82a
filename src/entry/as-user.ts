/**
 * Becomes another user, with its groups, and then another program. Used where setpriv(1) is
 * missing; its arguments and environment are made by `asUser` in src/os/switch-user.ts.
 *
 *   as-user <user> <uid> <gid> <file> [argument…]
 */
import { HIDDEN_PREFIX } from '../os/switch-user.ts';

const [user = '', uid, gid, file = '', ...args] = process.argv.slice(2);

const env: Record<string, string> = {};
for (const [name, value] of Object.entries(process.env))
  if (name.startsWith(HIDDEN_PREFIX) && value !== undefined) env[name.slice(HIDDEN_PREFIX.length)] = value;
if (process.channel !== undefined) {
  // Node has taken these out of the environment. The descriptor is the one after stderr.
  env['NODE_CHANNEL_FD'] = '3';
  env['NODE_CHANNEL_SERIALIZATION_MODE'] = 'json';
}

// Not in the types of Node.
const { initgroups: initGroups } = process as unknown as {
  initgroups(user: string, gid: number): void;
};

try {
  initGroups(user, Number(gid));
  process.setgid!(Number(gid));
  process.setuid!(Number(uid));
  process.execve!(file, [file, ...args], env);
} catch (error) {
  process.stderr.write(`skein: ${(error as Error).message}\n`);
  process.exitCode = 127;
}
