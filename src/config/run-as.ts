/** From the names of a user and a group to what a worker runs as. */
import { userInfo } from 'node:os';
import { SkeinError } from '../core/errors.ts';
import { findGroup, findUser } from '../os/users.ts';
import type { RunAs } from '../protocol/app-spec.ts';

/** Whose this process is; undefined where users have no numbers (Windows). */
export interface Self {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

const self = (): Self => ({ uid: process.getuid?.(), gid: process.getgid?.() });

/**
 * null: whoever runs Skein, which is so already.
 * @param app How an error names the app.
 * @throws SkeinError E_USER: there is no such user or group, or Skein is not root
 */
export const runAsOf = (
  { user, group }: { readonly user?: string; readonly group?: string },
  app: string,
  { uid, gid }: Self = self(),
): RunAs | null => {
  const named = user ?? group ?? '';
  const fail = (reason: string): SkeinError => new SkeinError('E_USER', { app, user: named, reason });
  if (uid === undefined) throw fail('this system has no users that a process can change to');
  const found = findUser(user ?? String(uid));
  if (found === undefined && user !== undefined) throw fail('there is no such user');
  const wantedGid = group === undefined ? found?.gid : findGroup(group);
  if (wantedGid === undefined) throw fail(`there is no group ${group ?? ''}`.trimEnd());
  const runAs = { user: found?.name ?? userInfo().username, uid: found?.uid ?? uid, gid: wantedGid };
  if (runAs.uid === uid && runAs.gid === gid) return null;
  if (uid !== 0) throw fail('Skein does not run as root');
  return runAs;
};
