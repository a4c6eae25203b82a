import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LendingAction, ServerFact } from '../../../src/supervisor/lending.ts';
import { decideLending } from '../../../src/supervisor/lending.ts';

const key = 'k';
const sockets = (count: number): { key: string; slot: number }[] =>
  Array.from({ length: count }, (_, slot) => ({ key, slot }));

const server = (slot: number, fit = true, lent: readonly number[] = []): ServerFact => ({
  id: `w${slot}`,
  slot,
  listens: new Set([key]),
  serving: [slot, ...lent].map((own) => ({ key, slot: own })),
  fit,
});

const cases: readonly (readonly [string, readonly ServerFact[], readonly LendingAction[]])[] = [
  ['everybody serves their own', [server(0), server(1), server(2)], []],
  [
    'a dead worker: a sibling takes its queue',
    [server(0), server(2)],
    [{ do: 'lend', key, slot: 1, to: 'w0' }],
  ],
  [
    'a blocked worker: likewise',
    [server(0), server(1, false), server(2)],
    [{ do: 'lend', key, slot: 1, to: 'w0' }],
  ],
  ['it is lent already', [server(0, true, [1]), server(2)], []],
  ['who serves least gets it', [server(0, true, [1]), server(3)], [{ do: 'lend', key, slot: 2, to: 'w3' }]],
  [
    'back when the slot is served again',
    [server(0, true, [1]), server(1), server(2)],
    [{ do: 'return', key, slot: 1, from: 'w0' }],
  ],
  [
    'a borrower that cannot serve is passed over',
    [server(0, false, [1]), server(2)],
    [
      { do: 'lend', key, slot: 0, to: 'w2' },
      { do: 'lend', key, slot: 1, to: 'w2' },
    ],
  ],
  ['nobody is fit: it waits in the queue', [server(0, false)], []],
];

for (const [name, servers, actions] of cases)
  test(name, () =>
    assert.deepEqual(decideLending(sockets(3), servers).slice(0, Math.max(1, actions.length)), actions),
  );

test('all sockets are served when anybody is fit, each lent to one, spread evenly', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 4 }),
      (fitness, scaledAway) => {
        const all = sockets(fitness.length + scaledAway);
        const servers = fitness.map((fit, slot) => server(slot, fit));
        const actions = decideLending(all, servers);
        const fit = servers.filter((one) => one.fit);
        const unserved = all.filter(({ slot }) => !fit.some((one) => one.slot === slot));
        assert.equal(actions.length, fit.length === 0 ? 0 : unserved.length);
        const lent = fit.map(
          ({ id }) => actions.filter((action) => action.do === 'lend' && action.to === id).length,
        );
        if (fit.length > 0) assert.ok(Math.max(...lent) - Math.min(...lent) <= 1);
      },
    ),
  );
});

test('a worker that does not listen on an address is not lent its queue', () => {
  const other: ServerFact = { ...server(0), listens: new Set(['elsewhere']) };
  assert.deepEqual(decideLending(sockets(2), [other]), []);
});
