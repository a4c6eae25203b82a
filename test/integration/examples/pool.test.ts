/** The examples of docs/pool.md: they answer while they compute, and stop computing for who has gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PoolMetrics } from '../../../src/pool/pool.ts';
import { withExample } from '../../support/example.ts';
import { until } from '../../support/wait.ts';

for (const framework of ['express', 'fastify']) {
  test(
    `${framework}: computes in threads, answers meanwhile, and frees the thread of who has gone`,
    {
      timeout: 30_000,
    },
    () =>
      withExample(`pool/${framework}.ts`, {}, [framework], async ({ get, url }) => {
        const metrics = async (): Promise<PoolMetrics> => (await get('/metrics')).body as PoolMetrics;
        assert.deepEqual(await get('/fibonacci/20'), { status: 200, body: 6765 });

        const gone = new AbortController();
        const abandoned = fetch(`${url}/fibonacci/60`, { signal: gone.signal });
        await until('the task runs', async () => (await metrics()).running === 1);
        assert.deepEqual(await get('/'), { status: 200, body: 'still here' });
        gone.abort();
        await assert.rejects(abandoned, { name: 'AbortError' });
        await until('the thread is free', async () => (await metrics()).running === 0);
        assert.equal((await metrics()).cancelled, 1);
        assert.deepEqual(await get('/fibonacci/21'), { status: 200, body: 10_946 });
      }),
  );
}
