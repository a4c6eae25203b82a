import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberSnapshot, MemberState, PoolSnapshot } from '../../../../src/protocol/balance.ts';
import { changedOverrides, placeOf, withOverrides } from '../../../../src/supervisor/balancing/overrides.ts';
import type { Overrides } from '../../../../src/supervisor/balancing/overrides.ts';

const member = (place: string, state: MemberState = 'up'): MemberSnapshot => ({
  id: place,
  place,
  slot: 0,
  address: { kind: 'tcp', host: '127.0.0.1', port: 1 },
  pulse: null,
  weight: 3,
  backup: false,
  state,
});
const pools = (state: MemberState = 'up'): PoolSnapshot[] => [
  {
    name: 'web',
    settings: {} as PoolSnapshot['settings'],
    members: [member('web/0', state)],
    expected: false,
  },
];
const after = (state: MemberState, ...all: readonly (Overrides | undefined)[]): [MemberState, number] => {
  const { state: now, weight } = withOverrides(pools(state), all)[0]!.members[0]!;
  return [now, weight];
};

const cases: readonly (readonly [string, MemberState, (Overrides | undefined)[], MemberState, number])[] = [
  ['nothing was said', 'up', [undefined, undefined], 'up', 3],
  ['something about another', 'up', [{ 'web/1': { state: 'draining' } }], 'up', 3],
  ['it is to drain', 'up', [{ 'web/0': { state: 'draining' } }], 'draining', 3],
  ['its weight', 'up', [{ 'web/0': { weight: 0 } }], 'up', 0],
  ['its worker leaves anyway', 'maintenance', [{ 'web/0': { state: 'draining' } }], 'maintenance', 3],
  [
    'the stricter of two',
    'up',
    [{ 'web/0': { state: 'draining' } }, { 'web/0': { state: 'maintenance' } }],
    'maintenance',
    3,
  ],
  ["the balancer's own weight", 'up', [{ 'web/0': { weight: 7 } }, { 'web/0': { weight: 9 } }], 'up', 7],
  ["the app's weight", 'up', [{ 'web/0': { state: 'draining' } }, { 'web/0': { weight: 9 } }], 'draining', 9],
];
for (const [name, state, all, now, weight] of cases)
  test(`said about an upstream: ${name}`, () => {
    assert.deepEqual(after(state, ...all), [now, weight]);
  });

test('what was said changes, and goes when nothing is left of it', () => {
  let said: Overrides = changedOverrides(undefined, 'a', { state: 'draining' });
  assert.deepEqual(said, { a: { state: 'draining' } });
  said = changedOverrides(said, 'a', { weight: 5 });
  said = changedOverrides(said, 'b', { state: 'maintenance' });
  assert.deepEqual(said, { a: { state: 'draining', weight: 5 }, b: { state: 'maintenance' } });
  said = changedOverrides(said, 'a', { state: 'up' });
  assert.deepEqual(said['a'], { weight: 5 });
  said = changedOverrides(said, 'a', { weight: null });
  assert.deepEqual(said, { b: { state: 'maintenance' } });
  assert.deepEqual(changedOverrides(said, 'a', { state: 'up' }), said);
});

const places = ['web/0', 'web/1', '10.0.0.7:3000', 'https://h:1'];
for (const [asked, place] of [
  ['0', 'web/0'],
  ['web/1', 'web/1'],
  ['10.0.0.7:3000', '10.0.0.7:3000'],
  ['http://10.0.0.7:3000', '10.0.0.7:3000'],
  ['http://10.0.0.7:3000/', '10.0.0.7:3000'],
  ['https://h:1', 'https://h:1'],
] as const)
  test(`${asked} is the upstream ${place}`, () => {
    assert.equal(placeOf('web', asked, places), place);
  });

test('an upstream that is not there, or that several may be', () => {
  assert.throws(() => placeOf('web', '7', places), {
    code: 'E_UNKNOWN_UPSTREAM',
    message: /there is web\/0, /,
  });
  assert.throws(() => placeOf('edge', '0', ['a/0', 'b/0']), { code: 'E_UNKNOWN_UPSTREAM' });
  assert.throws(() => placeOf('edge', '0', []), { message: 'edge has no upstream 0; there is none yet.' });
});
