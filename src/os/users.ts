/**
 * Users and groups of this machine: the local files first, then whatever name service it has
 * (LDAP, systemd), which only programs can ask: getent(1), on macOS id(1).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface User {
  readonly name: string;
  readonly uid: number;
  /** Of the user's own group. */
  readonly gid: number;
  readonly home: string;
}

const ASK_MS = 5_000;

/** A name that a program could take for an option or a line of its own is nobody's. */
const isAskable = (name: string): boolean => /^[\w.][\w.@$-]*$/.test(name);

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const ask = (program: string, args: readonly string[]): string => {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: ASK_MS });
  return status === 0 ? stdout : '';
};

/** The fields of the line of passwd(5) or group(5) with this name or number. */
const lineOf = (text: string, wanted: string): readonly string[] | undefined =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name, , id]) => name !== '' && id !== undefined && (name === wanted || id === wanted));

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

const userOf = (fields: readonly string[] | undefined): User | undefined => {
  const [name, , id, group] = fields ?? [];
  const uid = numberOf(id);
  const gid = numberOf(group);
  // macOS's `id -P` has three fields more before the last two.
  const home = fields?.at(-2);
  return name === undefined || uid === undefined || gid === undefined || home === undefined
    ? undefined
    : { name, uid, gid, home };
};

/** The user with this name, or with this number; undefined when there is none. */
export const findUser = (nameOrUid: string): User | undefined => {
  const local = userOf(lineOf(read('/etc/passwd'), nameOrUid));
  if (local !== undefined || !isAskable(nameOrUid)) return local;
  const asked =
    process.platform === 'darwin' ? ask('id', ['-P', nameOrUid]) : ask('getent', ['passwd', nameOrUid]);
  return userOf(asked.trim() === '' ? undefined : asked.trim().split(':'));
};

/** The number of the group with this name, or with this number; undefined when there is none. */
export const findGroup = (nameOrGid: string): number | undefined => {
  const local = numberOf(lineOf(read('/etc/group'), nameOrGid)?.[2]);
  if (local !== undefined || !isAskable(nameOrGid)) return local;
  const asked =
    process.platform === 'darwin'
      ? ask('dscl', ['.', '-read', `/Groups/${nameOrGid}`, 'PrimaryGroupID']).split(':')[1]
      : ask('getent', ['group', nameOrGid]).split(':')[2];
  return numberOf(asked?.trim());
};
