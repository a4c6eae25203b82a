import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, didYouMean } from '../../../src/config/suggest.ts';

const names = ['api', 'worker', 'web-front'];

const cases: readonly (readonly [string, string | undefined])[] = [
  ['apu', 'api'],
  ['pai', 'api'],
  ['API', 'api'],
  ['wroker', 'worker'],
  ['workers', 'worker'],
  ['webfront', 'web-front'],
  ['database', undefined],
  ['x', undefined],
  ['', undefined],
];

for (const [word, found] of cases) {
  test(`nearest to ${JSON.stringify(word)} is ${found}`, () => {
    assert.equal(closest(word, names), found);
  });
}

test('a suggestion stands behind a sentence', () => {
  assert.equal(didYouMean('apo', names), ' Did you mean api?');
  assert.equal(didYouMean('zzz', names), '');
});
