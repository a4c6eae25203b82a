import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Availability, Eligible, Member } from '../../../src/balancer/eligible.ts';
import { eligible } from '../../../src/balancer/eligible.ts';
import { newUpstream } from '../../../src/balancer/upstream.ts';

const member = (id: string, more: Partial<Member> = {}): Member => ({
  ...newUpstream(id),
  availability: 'up',
  backup: false,
  maxInFlight: Infinity,
  ...more,
});
const a = member('a');
const b = member('b');
const backup = member('c', { backup: true });
const full = member('d', { maxInFlight: 2, inFlight: 2 });
const down = member('e', { availability: 'down' });

const cases: readonly (readonly [
  name: string,
  members: readonly Member[],
  tried: readonly Member[],
  into: string,
  answer: Eligible,
])[] = [
  ['no members', [], [], '', 'unavailable'],
  ['all primaries, in order', [a, b], [], 'a b', 'some'],
  ['no backup while a primary can, wherever it stands', [backup, a, backup, b], [], 'a b', 'some'],
  ['backups when no primary can', [down, backup], [], 'c', 'some'],
  ['backups when the primaries are full', [full, backup], [], 'c', 'some'],
  ['not who failed this request', [a, b], [a], 'b', 'some'],
  ['backups when all primaries failed this request', [a, backup], [a], 'c', 'some'],
  ['everybody failed this request', [a, b, down], [a, b], '', 'tried'],
  ['all are full', [full, down], [], '', 'full'],
  ['one failed it, the other is full: worth waiting', [a, full], [a], '', 'full'],
  ['nobody is up', [down], [], '', 'unavailable'],
  ['one below its limit', [member('f', { maxInFlight: 2, inFlight: 1 })], [], 'f', 'some'],
  ['a limit of 0', [member('f', { maxInFlight: 0 })], [], '', 'full'],
  ['weight 0', [member('f', { weight: 0 }), a], [], 'a', 'some'],
];
for (const [name, members, tried, expected, answer] of cases)
  test(name, () => {
    const into = [down];
    assert.equal(eligible(members, tried, into), answer);
    assert.equal(into.map(({ id }) => id).join(' '), expected);
  });

for (const availability of ['blocked', 'draining', 'maintenance', 'down', 'ejected'] satisfies Availability[])
  test(`not who is ${availability}`, () => {
    assert.equal(eligible([member('x', { availability })], [], []), 'unavailable');
  });
