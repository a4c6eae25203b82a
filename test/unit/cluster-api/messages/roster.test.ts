import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asMember, nameOf } from '../../../../src/cluster-api/messages/member.ts';
import { LEASE_MS, Roster } from '../../../../src/cluster-api/messages/roster.ts';
import { asBatch } from '../../../../src/cluster-api/messages/wire.ts';
import { messageMember } from '../../support/message-member.ts';

const member = messageMember('a', { answers: [] });

test('a renewal changes nothing, another record does, an older one does not', () => {
  const roster = new Roster();
  assert.equal(roster.set(member, 10, 0), true);
  assert.equal(roster.set(member, 11, 5), false);
  assert.equal(roster.set({ ...member, revision: 2, phase: 'draining' }, 12, 6), true);
  assert.equal(roster.set({ ...member, revision: 3 }, 9, 7), false);
  assert.equal(roster.get('a')?.phase, 'draining');
});

test('what a member said itself holds until its record changes', () => {
  const roster = new Roster();
  roster.set(member, 1, 0);
  roster.learn('a', { hears: [] });
  roster.set(member, 2, 0);
  assert.deepEqual(roster.get('a')?.hears, []);
  roster.set({ ...member, revision: 2 }, 3, 0);
  assert.deepEqual(roster.get('a')?.hears, ['t']);
});

test('who goes without a word has died, and no old news brings it back', () => {
  const roster = new Roster();
  roster.set(member, 5, 0);
  assert.equal(roster.remove('a', 1), 'died');
  assert.equal(roster.remove('a', 1), undefined);
  assert.equal(roster.set(member, 5, 2), false);
  assert.deepEqual(roster.members, []);
  assert.equal(roster.set({ ...member, phase: 'leaving' }, 6, 3), true, 'it was not dead after all');
  assert.equal(roster.remove('a', 4), 'left');
});

test('a member that does not renew itself is overdue', () => {
  const roster = new Roster();
  roster.set(member, 1, 0);
  assert.deepEqual(roster.overdue(LEASE_MS - 1), []);
  roster.set(member, 2, LEASE_MS - 1);
  assert.deepEqual(roster.overdue(LEASE_MS), []);
  assert.deepEqual(roster.overdue(2 * LEASE_MS), ['a']);
});

test('a process that was stopped takes nobody for dead because of that', () => {
  const roster = new Roster();
  roster.set(member, 1, 0);
  roster.forgive(5 * LEASE_MS);
  assert.deepEqual(roster.overdue(5 * LEASE_MS), []);
  assert.deepEqual(roster.overdue(6 * LEASE_MS), ['a']);
});

test('what anybody else writes is no member and no batch', () => {
  assert.equal(asMember(member), member);
  for (const value of [
    null,
    5,
    'x',
    {},
    { ...member, slot: 'x' },
    { ...member, hears: [1] },
    { ...member, pid: NaN },
  ])
    assert.equal(asMember(value), undefined);
  const batch = { from: 'a', peer: {}, base: 1, taken: 0, cargo: [{ n: 1, kind: 'say', topic: 't' }] };
  assert.equal(asBatch(batch), batch);
  for (const value of [
    null,
    'x',
    {},
    { ...batch, cargo: [{}] },
    { ...batch, cargo: [{ n: 1, kind: 'other' }] },
    { ...batch, base: 'x' },
    { ...batch, refused: [5] },
    { ...batch, peer: null },
  ])
    assert.equal(asBatch(value), undefined);
});

test('a member is named by its slot, and by its machine where that is another', () => {
  assert.equal(nameOf(member, 'here'), 'slot 0');
  assert.equal(nameOf(member, 'there'), 'slot 0 of here');
  assert.equal(nameOf({ ...member, slot: null, pid: 7 }, 'here'), 'process 7');
});
