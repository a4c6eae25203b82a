import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Mirror } from '../../../../src/state/replica/mirror.ts';

const mirrorOf = () => {
  const heard: (readonly [string, unknown])[] = [];
  const clock = { now: 1_000_000 };
  const mirror = new Mirror<unknown>({
    now: () => clock.now,
    onChange: (key, value) => heard.push([key, value]),
  });
  return { mirror, heard, clock };
};

const set = (key: string, version: number, value: unknown = version) =>
  ({ type: 'set', key, value, version, expiresAt: null }) as const;
const deleted = (key: string, version: number) =>
  ({ type: 'delete', key, version, reason: 'deleted' }) as const;
const entry = (version: number, value: unknown = version) => ({
  value,
  version,
  expiresAt: null,
  staleMs: 0,
});

test('what was deleted while it was read does not come back', () => {
  const { mirror } = mirrorOf();
  mirror.begin();
  mirror.told(deleted('a', 5));
  mirror.found('a', entry(5));
  assert.equal(mirror.get('a'), undefined);
  mirror.found('a', entry(6));
  assert.equal(mirror.get('a'), 6, 'made anew after that');
  mirror.end();
  assert.equal(mirror.size, 1);
});

test('the newer of what was read and what was told wins, whichever comes first', () => {
  const { mirror, heard } = mirrorOf();
  mirror.begin();
  mirror.told(set('a', 7));
  mirror.found('a', entry(6));
  mirror.found('b', entry(9));
  mirror.told(set('b', 8));
  mirror.told(deleted('b', 8));
  mirror.end();
  assert.deepEqual([mirror.get('a'), mirror.get('b')], [7, 9]);
  assert.deepEqual(heard, [
    ['a', 7],
    ['b', 9],
  ]);
});

test('a new reading replaces what is there, also by smaller versions, and ends what it does not find', () => {
  const { mirror, heard } = mirrorOf();
  for (const change of [set('a', 100, 'x'), set('b', 101), set('c', 102, 'same')]) mirror.told(change);
  heard.length = 0;
  mirror.begin();
  mirror.found('a', entry(3, 'y'));
  mirror.found('c', entry(102, 'same'));
  assert.equal(mirror.get('b'), 101, 'old values serve meanwhile');
  mirror.told(set('d', 4));
  mirror.end();
  assert.deepEqual(heard, [
    ['a', 'y'],
    ['d', 4],
    ['b', undefined],
  ]);
});

test('a time to live that changes is that of the value it belongs to', () => {
  const { mirror, clock } = mirrorOf();
  mirror.told(set('a', 5));
  mirror.told({ type: 'expire', key: 'a', version: 5, expiresAt: clock.now + 10 });
  mirror.told(set('b', 6));
  mirror.told({ type: 'expire', key: 'b', version: 4, expiresAt: clock.now + 10 });
  clock.now += 10;
  assert.deepEqual([mirror.get('a'), mirror.get('b')], [undefined, 6]);
  assert.deepEqual(mirror.keys(), ['b']);
  mirror.told(set('a', 7));
  assert.deepEqual(mirror.keys(), ['a', 'b'], 'a new value has a time of its own');
  mirror.clear();
});

/** One key that is written to; changes are told late, and reads see any moment between. */
test('however reads and changes overtake each other, in the end the mirror agrees', () => {
  const steps = fc.array(fc.constantFrom('write', 'delete', 'tell', 'begin', 'find', 'end'), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (todo) => {
      const { mirror } = mirrorOf();
      let version = 0;
      let stored: number | undefined;
      const untold: Parameters<typeof mirror.told>[0][] = [];
      const tell = (): void => {
        const change = untold.shift();
        if (change !== undefined) mirror.told(change);
      };
      let reading = false;
      let answer: number | undefined;
      let isAnswered = false;
      const find = (): void => {
        if (answer !== undefined) mirror.found('a', entry(answer));
        isAnswered = true;
      };
      for (const step of todo) {
        switch (step) {
          case 'write':
            stored = version += 1;
            untold.push(set('a', version));
            break;
          case 'delete':
            if (stored !== undefined) untold.push(deleted('a', stored));
            stored = undefined;
            break;
          case 'tell':
            tell();
            break;
          case 'begin':
            mirror.begin();
            [reading, isAnswered, answer] = [true, false, stored];
            break;
          case 'find':
            if (reading && !isAnswered) find();
            break;
          case 'end':
            if (reading) {
              if (!isAnswered) find();
              mirror.end();
              reading = false;
            }
        }
      }
      if (reading) {
        if (!isAnswered) find();
        mirror.end();
      }
      while (untold.length > 0) tell();
      assert.equal(mirror.get('a'), stored);
      mirror.clear();
    }),
  );
});
