import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look, newSilence } from '../../../../../src/balancer/pool/blocked/silence.ts';

test('asked after 20 ms of silence, blocked after 40, and heard again by one byte', () => {
  const silence = newSilence(0);
  const looks = [1, 2, 3, 4, 5].map(() => look(silence, 0, true, 10));
  assert.deepEqual(looks, ['silent', 'ask', 'silent', 'blocked', 'blocked']);
  assert.equal(look(silence, 1, true, 10), 'heard');
  assert.equal(look(silence, 1, true, 10), 'silent');
});

test('who has nothing to do may be silent', () => {
  const silence = newSilence(0);
  for (let time = 0; time < 50; time += 1) assert.equal(look(silence, 0, false, 10), 'heard');
});

test('a gap of our own counts for little: everybody gets the time to answer', () => {
  const silence = newSilence(0);
  assert.equal(look(silence, 0, true, 5_000), 'ask');
  assert.equal(look(silence, 1, true, 10), 'heard');
});
