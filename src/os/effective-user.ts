/**
 * Doing one thing in this process as another user, with that user's permissions and ownership, and
 * being root again. Synchronous: nothing else of this process happens in between.
 */
import type { RunAs } from '../protocol/app-spec.ts';

/** The parts of `process` that change the user; the types of Node leave out initgroups. */
interface Credentials {
  getgroups(): number[];
  setgroups(groups: readonly number[]): void;
  initgroups(user: string, gid: number): void;
  getegid(): number;
  setegid(gid: number): void;
  geteuid(): number;
  seteuid(uid: number): void;
}

/** @throws what `act` throws, and what the kernel says when this process may not become that user */
export const asEffectiveUser = <T>({ user, uid, gid }: RunAs, act: () => T): T => {
  const own = process as unknown as Credentials;
  const before = { groups: own.getgroups(), gid: own.getegid(), uid: own.geteuid() };
  if (before.uid === uid && before.gid === gid) return act();
  try {
    own.initgroups(user, gid);
    own.setegid(gid);
    own.seteuid(uid);
    return act();
  } finally {
    own.seteuid(before.uid);
    own.setegid(before.gid);
    own.setgroups(before.groups);
  }
};
