import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Member } from '../../../../src/cluster-api/messages/member.ts';
import type { Address, Routed, View } from '../../../../src/cluster-api/messages/route.ts';
import { answerers, listeners, route } from '../../../../src/cluster-api/messages/route.ts';
import { messageMember as member } from '../../support/message-member.ts';

const view = (members: readonly Member[], more: Partial<View> = {}): View => ({
  node: 'here',
  count: 2,
  members,
  load: () => 0,
  turn: 0,
  ...more,
});

const to = (address: Address, members: readonly Member[], more: Partial<Routed & View> = {}): string => {
  const { kind = 'say', topic = 't', lost, ...around } = more;
  const next = route({ kind, topic, address, lost }, view(members, around));
  return next.is === 'to' ? next.member.id : next.is;
};

const slot = (slot: number, node = 'here'): Address => ({ is: 'slot', node, slot });

test('a slot is its newest worker that is ready', () => {
  const old = member('old');
  const starting = member('new', { generation: 2, phase: 'starting' });
  assert.equal(to(slot(0), [old, starting]), 'old');
  assert.equal(to(slot(0), [old, { ...starting, phase: 'ready' }]), 'new');
  assert.equal(to(slot(0), [{ ...old, phase: 'draining' }, starting]), 'new');
  assert.equal(to(slot(0), [{ ...old, phase: 'draining' }]), 'old', 'until there is another');
  assert.equal(to(slot(0), [{ ...old, phase: 'leaving' }]), 'wait');
  assert.equal(to(slot(0), [old, member('again', { since: 2 })]), 'again', 'of one generation the later');
});

test('a worker without a handler for the topic gets nothing of it', () => {
  const deaf = member('deaf', { generation: 2, hears: [] });
  assert.equal(to(slot(0), [member('old'), deaf]), 'old');
  assert.equal(to(slot(0), [deaf]), 'wait', 'it may begin to listen');
  assert.equal(to(slot(0), [deaf], { kind: 'ask' }), 'deaf', 'to answer is another matter');
});

test('a slot that the app does not have is refused, one that it is to have is waited for', () => {
  assert.equal(to(slot(1), []), 'wait');
  assert.equal(to(slot(2), []), 'nobody');
  assert.equal(to(slot(2), [member('leaves', { slot: 2 })]), 'leaves', 'scaled down, but still there');
  assert.equal(to(slot(7, 'there'), []), 'wait', 'how many another machine has is not known');
  assert.equal(to(slot(0), [member('theirs', { node: 'there' })]), 'wait', 'each machine has its own');
});

test('anybody: who has the least to do, in turns, who drains last', () => {
  const all = [member('a'), member('b', { slot: 1 }), member('c', { slot: 2 })];
  const any: Address = { is: 'any' };
  const turns = [0, 1, 2, 3].map((turn) => to(any, all, { kind: 'ask', turn }));
  assert.deepEqual(turns, ['a', 'b', 'c', 'a']);
  const load = (id: string): number => (id === 'b' ? 0 : 1);
  assert.equal(to(any, all, { kind: 'ask', load }), 'b');
  const draining = all.map((one) => ({ ...one, phase: 'draining' as const }));
  assert.equal(to(any, [...draining, member('d')], { kind: 'ask' }), 'd');
  assert.equal(to(any, draining, { kind: 'ask' }), 'a');
  assert.equal(to(any, [member('e', { answers: [] })], { kind: 'ask' }), 'wait');
  assert.equal(to(any, [], { kind: 'ask' }), 'wait');
});

test('a broadcast: the member, or who comes in its place and has it not yet', () => {
  const one = member('one');
  const meant = (covered: readonly string[]): Address => ({
    is: 'member',
    member: one,
    covered: new Set(covered),
  });
  const successor = member('two', { generation: 2 });
  assert.equal(to(meant([]), [one, successor]), 'one');
  assert.equal(to(meant(['one']), [successor], { lost: 'died' }), 'two');
  assert.equal(to(meant(['one', 'two']), [successor], { lost: 'died' }), 'unneeded');
  assert.equal(to(meant(['one']), [], { lost: 'died' }), 'wait');
  assert.equal(to(meant(['one']), [], { lost: 'left' }), 'wait', 'a restart leaves before it comes');
  assert.equal(to(meant(['one']), [], { lost: 'left', count: 0 }), 'unneeded', 'scaled down');
  assert.equal(to(meant(['one']), [], { lost: 'died', count: 0 }), 'nobody');
  assert.equal(to(meant(['one']), [{ ...one, hears: [] }]), 'unneeded', 'it listens no more');
  const thread = member('thread', { slot: null });
  const toThread: Address = { is: 'member', member: thread, covered: new Set() };
  assert.equal(to(toThread, [], { lost: 'died' }), 'unneeded', 'nobody comes in the place of a thread');
});

test('everybody who listens, and one of each slot who answers', () => {
  const members = [
    member('a', { phase: 'draining' }),
    member('b', { generation: 2 }),
    member('c', { slot: 1, answers: [] }),
    member('d', { slot: null }),
    member('e', { slot: null }),
    member('f', { slot: 1, node: 'there' }),
    member('g', { slot: 2, phase: 'leaving' }),
    member('h', { slot: 3, hears: [] }),
  ];
  const ids = (some: readonly Member[]): string => some.map(({ id }) => id).join('');
  assert.equal(ids(listeners('t', members)), 'abcdef');
  assert.equal(ids(answerers('t', members)), 'bhdef', 'slots in order, then processes without one');
  assert.equal(ids(answerers('t', members.toReversed())), 'bhedf');
  assert.equal(ids(answerers('u', members)), '');
});
