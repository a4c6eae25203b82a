import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryEngine } from '../../../src/state/engines/memory/engine.ts';
import { judgeWindow } from '../../../src/state/sliding-window.ts';
import { createStateOver } from '../../../src/state/state.ts';
import { tokensAt } from '../../../src/state/token-bucket.ts';
import { stateTools } from '../../support/state-tools.ts';

const engine = createMemoryEngine({ maxBytes: 64 * 1024 * 1024 });

stateTools('memory', () => createStateOver(engine, { prefix: 'skein:', maxValueBytes: 1024 * 1024 }));

const windows: readonly (readonly [string, Parameters<typeof judgeWindow>, object])[] = [
  ['an empty one', [{ before: 0, current: 1, elapsed: 0.5 }, 1, 10, 1000], { allowed: true, remaining: 9 }],
  [
    'half of the window before counts',
    [{ before: 10, current: 5, elapsed: 0.5 }, 1, 10, 1000],
    { allowed: true, remaining: 0 },
  ],
  [
    'one too many: it has to wait for a tenth of the window before',
    [{ before: 10, current: 6, elapsed: 0.5 }, 1, 10, 1000],
    { allowed: false, remaining: 0, retryAfterMs: 100 },
  ],
  [
    'a full one: until it has begun to leave the next one',
    [{ before: 0, current: 11, elapsed: 0.5 }, 1, 10, 1000],
    { allowed: false, remaining: 0, retryAfterMs: 600 },
  ],
  [
    'more than ever possible',
    [{ before: 0, current: 20, elapsed: 0 }, 20, 10, 1000],
    { allowed: false, remaining: 10 },
  ],
];

for (const [name, args, expected] of windows) {
  test(`sliding window, ${name}`, () => {
    const verdict = judgeWindow(...args);
    for (const [key, value] of Object.entries(expected))
      assert.equal(verdict[key as keyof typeof verdict], value, key);
  });
}

test('a bucket fills evenly, not above its capacity, and not when a clock goes back', () => {
  assert.equal(tokensAt(undefined, 0, 10, 100), 10);
  assert.equal(tokensAt({ tokens: 2, at: 1000 }, 1250, 10, 100), 4.5);
  assert.equal(tokensAt({ tokens: 2, at: 1000 }, 1_000_000, 10, 100), 10);
  assert.equal(tokensAt({ tokens: 2, at: 1000 }, 500, 10, 100), 2);
});
