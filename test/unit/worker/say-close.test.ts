import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HeadersGiven } from '../../../src/worker/say-close.ts';
import { withClose } from '../../../src/worker/say-close.ts';

describe('withClose', () => {
  for (const [given, expected] of [
    [undefined, { Connection: 'close' }],
    [
      { A: '1', connection: 'keep-alive', 'KEEP-ALIVE': 'timeout=5' },
      { A: '1', Connection: 'close' },
    ],
    [[], ['Connection', 'close']],
    [
      ['A', '1', 'Connection', 'keep-alive', 'B', 'connection'],
      ['A', '1', 'B', 'connection', 'Connection', 'close'],
    ],
    [
      [
        ['A', '1'],
        ['keep-alive', 'x'],
      ],
      [
        ['A', '1'],
        ['Connection', 'close'],
      ],
    ],
  ] as [HeadersGiven, HeadersGiven][]) {
    it(`of ${JSON.stringify(given)}`, () => assert.deepEqual(withClose(given), expected));
  }

  it('keeps every other header, in order, and changes nothing it was given', () => {
    const name = fc.constantFrom('A', 'b', 'Set-Cookie', 'Connection', 'keep-alive', 'CONNECTION');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const others = pairs.filter(([one]) => !/^(connection|keep-alive)$/i.test(one));
        const flat = Object.freeze(pairs.flat());
        assert.deepEqual(withClose(flat), [...others.flat(), 'Connection', 'close']);
        if (pairs.length > 0)
          assert.deepEqual(withClose(Object.freeze(pairs)), [...others, ['Connection', 'close']]);
      }),
    );
  });
});
