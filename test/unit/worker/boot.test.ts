import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripPreload, takeBoot } from '../../../src/worker/boot.ts';

describe('stripPreload', () => {
  for (const [name, flags, left] of [
    ['as two arguments', ['--a', '-r', '/p.js', '--b'], ['--a', '--b']],
    ['in its long form', ['--require', '/p.js'], []],
    ['as one argument', ['--require=/p.js', '-r=/p.js'], []],
    ['given twice', ['-r', '/p.js', '-r', '/p.js'], []],
    ['beside one of the app’s', ['-r', './own.js', '-r', '/p.js'], ['-r', './own.js']],
    ['not given', ['-r', './own.js', '/p.js'], ['-r', './own.js', '/p.js']],
  ] as const) {
    it(`takes the preload out, ${name}`, () => {
      const execArgv: string[] = [...flags];
      stripPreload(execArgv, '/p.js');
      assert.deepEqual(execArgv, left);
    });
  }
});

describe('takeBoot', () => {
  it('reads it once', () => {
    const env = { SKEIN_BOOT: '{"id":"a"}', OWN: '1' };
    assert.deepEqual(takeBoot(env), { id: 'a' });
    assert.deepEqual(env, { OWN: '1' });
    assert.equal(takeBoot(env), null);
  });

  it('what cannot be read is no boot', () => {
    const env = { SKEIN_BOOT: '{' };
    assert.equal(takeBoot(env), null);
    assert.deepEqual(env, {});
  });
});
