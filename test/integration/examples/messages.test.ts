/** The examples of docs/messages.md: alone, and on workers of Skein through a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withExample, withExampleOnSkein } from '../../support/example.ts';
import { getJson } from '../../support/http.ts';
import { until } from '../../support/wait.ts';

const hello = ['a', 'b', 'c'];

for (const framework of ['express', 'fastify']) {
  const file = `messages/${framework}.ts`;

  test(`${framework} alone talks to itself`, { timeout: 30_000 }, () =>
    withExample(file, { SKEIN_STATE: '' }, [framework], async ({ get }) => {
      assert.deepEqual((await get('/banner/hello')).body, { told: 1 });
      assert.deepEqual((await get('/')).body, { slot: 0, banner: 'hello' });
      assert.ok(((await get('/served')).body as Record<string, number>)['slot 0']! > 2);
      for (const words of hello) await get(`/rooms/den/${words}`);
      assert.deepEqual((await get('/rooms/den/d')).body, [...hello, 'd']);
    }),
  );

  test(`${framework} on three workers, through a reload`, { timeout: 60_000 }, () =>
    withExampleOnSkein(file, 3, [framework], async ({ url }, skein) => {
      const get = <T>(path: string): Promise<T> => getJson<T>(Number(new URL(url).port), path);
      const know = (): Promise<boolean> =>
        until('all workers know each other', async () => {
          const served = await get<object>('/served');
          return Object.keys(served).toSorted().join() === 'slot 0,slot 1,slot 2';
        });
      await know();
      assert.deepEqual(await get('/banner/hello'), { told: 3 });
      for (let n = 0; n < 12; n += 1)
        assert.equal((await get<{ banner: string }>('/')).banner, 'hello', 'whoever answers');
      for (const words of hello) await get(`/rooms/den/${words}`);
      assert.deepEqual(await get('/rooms/den/d'), [...hello, 'd'], 'one worker has the room');
      await skein.ok(['reload', 'example']);
      await know();
      assert.deepEqual(await get('/rooms/den/e'), ['e'], 'what was in its memory is gone');
    }),
  );
}
