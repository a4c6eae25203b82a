/** All cases, byte for byte, through our balancer over plain TCP. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cases } from './cases/all.ts';
import type { Seen } from './support/observe.ts';
import { complaints, runOurs } from './support/run.ts';

let seen: ReadonlyMap<string, Seen> = new Map();

before(async () => {
  seen = await runOurs(cases);
});

test('cases have names of their own, and there are enough of them', () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  assert.ok(cases.length >= 300);
});

/** `host: empty` is about `host`. */
const topic = (name: string): string => name.slice(0, name.indexOf(':'));

for (const about of new Set(cases.map(({ name }) => topic(name)))) {
  const mine = cases.filter(({ name }) => topic(name) === about);
  test(`${about}: ${mine.length} cases`, () => {
    assert.equal(complaints(mine, seen), '');
  });
}
