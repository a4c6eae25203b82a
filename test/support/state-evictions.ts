/** What every engine does when its memory is full: the least recently used go, and are counted. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { State } from '../../src/entry/state.ts';
import { replica } from '../../src/entry/state.ts';
import { until } from './wait.ts';

export interface EvictionOptions {
  /** A state whose engine has a few megabytes and evicts. */
  readonly connect: () => State;
  /**
   * `each`: subscribers hear of each one, and it is counted for this store alone. `none`: the engine does
   * it without a word, and counts for all that it serves.
   */
  readonly tells: 'each' | 'none';
  /** Whether it can tell changes at all. */
  readonly subscribes: boolean;
  /**
   * Which go. `oldest`: the least recently used. `sampled`: the oldest of a few that Redis draws, by a clock that
   * ticks once in a second, so within one it may as well be a key that was used just now.
   */
  readonly goes: 'oldest' | 'sampled';
}

const text = 'x'.repeat(20_000);

export const stateEvictions = (name: string, { connect, tells, subscribes, goes }: EvictionOptions): void => {
  suite(`${name} with little memory`, () => {
    let state: State;
    before(() => {
      state = connect();
    });
    after(() => state.close());

    /** Writes until enough have gone. A key that is read all the time is used. */
    const fill = async (namespace: State): Promise<number> => {
      await namespace.set('used', 'often');
      const before = (await state.stats()).evictions;
      let written = 0;
      await until('entries are evicted', async () => {
        for (let index = 0; index < 20; index += 1) {
          await namespace.set(`k${written}`, text);
          written += 1;
          await namespace.get('used');
        }
        return (await state.stats()).evictions > before + 20;
      });
      return written;
    };

    const title =
      goes === 'oldest'
        ? 'the least recently used are evicted and counted, what is used stays'
        : 'entries are evicted and counted, what was written last stays';
    test(title, async () => {
      const namespace = state.namespace('lru');
      const before = (await state.stats()).evictions;
      const written = await fill(namespace);
      if (goes === 'oldest') assert.equal(await namespace.get('used'), 'often');
      assert.equal(await namespace.get(`k${written - 1}`), text);
      const there = await Promise.all(
        Array.from({ length: written }, (_, index) => namespace.has(`k${index}`)),
      );
      const gone = there.filter((isThere) => !isThere).length;
      const { evictions, entries, bytes } = await state.stats();
      assert.ok(gone >= 20, `${gone} of ${written}`);
      if (tells === 'each') {
        assert.equal(evictions - before, gone);
        assert.equal(entries, written - gone + 1);
        assert.ok(bytes !== undefined && bytes > (entries - 1) * text.length);
      }
      // The next test counts its own.
      await Promise.all(there.map((_, index) => namespace.delete(`k${index}`)));
    });

    if (!subscribes) return;

    test(`an eviction is ${tells === 'each' ? 'told' : 'not told: a replica that refreshes finds out'}`, async () => {
      const namespace = state.namespace('told');
      const gone: string[] = [];
      const off = await namespace.subscribe({ prefix: 'k' }, (change) => {
        if (change.type === 'delete') gone.push(change.reason);
      });
      const copy = await replica(namespace, { prefix: 'k' }, tells === 'none' ? { refresh: 50 } : {});
      const before = (await state.stats()).evictions;
      const written = await fill(namespace);
      const { evictions } = await state.stats();
      if (tells === 'each') {
        // Those of the namespaces of other tests are counted too.
        assert.ok(gone.length > 0 && gone.length <= evictions - before);
        assert.deepEqual(new Set(gone), new Set(['evicted']));
      } else assert.deepEqual(gone, []);
      await until('the replica agrees', async () => {
        const there = await namespace.keys('k');
        return there.length < written && there.length === copy.size && there.every((key) => copy.has(key));
      });
      await copy.close();
      await off();
    });
  });
};
