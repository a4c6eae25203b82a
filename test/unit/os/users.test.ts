import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { findGroup, findUser } from '../../../src/os/users.ts';

test('a user is found by name and by number', () => {
  const { username, uid, gid, homedir } = userInfo();
  const known = { name: username, uid, gid, home: homedir };
  assert.deepEqual(findUser(username), known);
  assert.deepEqual(findUser(String(uid)), known);
});

test('a group is found by name and by number', () => {
  const name = process.platform === 'darwin' ? 'wheel' : 'root';
  assert.equal(findGroup(name), 0);
  assert.equal(findGroup('0'), 0);
});

test('what is none is undefined', () => {
  for (const name of ['no-such-user', '', '--help', 'a b', 'root:x', '4294967294', '-1', '0x0', 'ro\not'])
    assert.deepEqual([findUser(name), findGroup(name)], [undefined, undefined], name);
});
