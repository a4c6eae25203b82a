import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsOf } from '../../../src/config/run-as.ts';
import { findGroup, findUser } from '../../../src/os/users.ts';

const root = { uid: 0, gid: 0 };
const someone = { uid: 4_242, gid: 4_242 };

test('a user with its own group, another group, numbers', () => {
  const daemon = findUser('daemon');
  assert.ok(daemon !== undefined);
  assert.deepEqual(runAsOf({ user: 'daemon' }, 'api', root), {
    user: 'daemon',
    uid: daemon.uid,
    gid: daemon.gid,
  });
  assert.deepEqual(runAsOf({ user: String(daemon.uid), group: '0' }, 'api', root)?.gid, 0);
  const group = findGroup('sys') ?? 0;
  assert.deepEqual(runAsOf({ group: 'sys' }, 'api', root), { user: 'root', uid: 0, gid: group });
});

test('whoever runs Skein needs no change', () => {
  assert.equal(runAsOf({ user: 'root' }, 'api', root), null);
});

test('a user that is not there, and a Skein that may not', () => {
  assert.throws(
    () => runAsOf({ user: 'no-such' }, 'api', root),
    /api cannot run as no-such: there is no such user/,
  );
  assert.throws(() => runAsOf({ user: 'root', group: 'no-such' }, 'api', root), /there is no group no-such/);
  assert.throws(
    () => runAsOf({ user: 'daemon' }, 'api', someone),
    /api cannot run as daemon: Skein does not run as root/,
  );
  assert.throws(() => runAsOf({ user: 'x' }, 'api', { uid: undefined, gid: undefined }), /no users/);
});
