/** A user of this machine for one test, with supplementary groups. Only root can make one. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface OtherUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All of its groups, its own among them; ascending. */
  readonly groups: readonly number[];
  /** Whether it may read this file: a checkout in a private directory is not for it. */
  mayRead(path: string): boolean;
}

const idsOf = (flag: string, name: string): number[] =>
  execFileSync('id', [flag, name], { encoding: 'utf8' }).trim().split(' ').map(Number);

export const withOtherUser = async (use: (user: OtherUser) => Promise<void>): Promise<void> => {
  assert.equal(process.geteuid?.(), 0, 'this test starts processes as another user: run it as root');
  const name = `sk-test-${process.pid}`;
  const groups = ['games', 'users'];
  execFileSync('useradd', ['--system', '--no-create-home', '--groups', groups.join(), name]);
  try {
    const [uid] = idsOf('-u', name);
    const [gid] = idsOf('-g', name);
    await use({
      name,
      uid: uid!,
      gid: gid!,
      groups: idsOf('-G', name).toSorted((a, b) => a - b),
      mayRead: (path) =>
        spawnSync('setpriv', [`--reuid=${name}`, `--regid=${gid}`, '--init-groups', 'test', '-r', path])
          .status === 0,
    });
  } finally {
    execFileSync('userdel', [name], { stdio: 'ignore' });
  }
};

/** Real, effective, saved and file system ids, and supplementary groups, as the kernel has them. */
export const idsOfProcess = (
  pid: number,
): { readonly uids: number[]; readonly gids: number[]; readonly groups: number[] } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const numbers = (field: string): number[] =>
    (new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? '').trim().split(/\s+/).map(Number);
  return { uids: numbers('Uid'), gids: numbers('Gid'), groups: numbers('Groups').toSorted((a, b) => a - b) };
};
