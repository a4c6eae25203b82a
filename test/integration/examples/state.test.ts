/** The examples of `skein/state`, run as a user would: alone, on workers of Skein, and over Redis. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withExample, withExampleOnSkein } from '../../support/example.ts';
import { startRedis } from '../../support/state-servers.ts';
import { until } from '../../support/wait.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());

const packages = ['express', 'express-session', 'fastify', '@fastify', 'redis'];

interface Visit {
  readonly visits: number;
  readonly yours: number;
  readonly motd: string | null;
  readonly cookie: string;
}

const visit = async (url: string, cookie = ''): Promise<Visit> => {
  const response = await fetch(url, { headers: { cookie } });
  const { visits, yours, motd } = (await response.json()) as Omit<Visit, 'cookie'>;
  return { visits, yours, motd, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie };
};

for (const framework of ['express', 'fastify']) {
  const file = `state/${framework}.ts`;

  test(`${framework} alone, in memory`, async () => {
    await withExample(file, { SKEIN_STATE: '' }, packages, async ({ url, get }) => {
      const first = await visit(url);
      const second = await visit(url, first.cookie);
      assert.deepEqual([second.visits - first.visits, second.yours], [1, 2]);
      assert.deepEqual((await get('/price/goose')).body, { price: 105 });
      assert.deepEqual((await get('/take/goose')).body, { left: 9 });
      const answers = await Promise.all(Array.from({ length: 8 }, () => get('/limited')));
      assert.equal(answers.filter(({ status }) => status === 200).length, 5);
      assert.equal(answers.filter(({ status }) => status === 429).length, 3);
    });
  });

  test(`${framework} on two workers of Skein, through a reload`, async () => {
    await withExampleOnSkein(file, 2, packages, async ({ url, get }, skein) => {
      const first = await visit(url);
      const many = await Promise.all(Array.from({ length: 20 }, () => visit(url)));
      assert.deepEqual(
        many.map(({ visits }) => visits).toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, index) => first.visits + 1 + index),
      );
      assert.deepEqual((await get('/motd/honk')).body, { motd: 'honk' });
      await skein.ok(['reload', 'example']);
      const second = await visit(url, first.cookie);
      assert.deepEqual([second.visits, second.yours, second.motd], [first.visits + 21, 2, 'honk']);
      const answers = await Promise.all(Array.from({ length: 8 }, () => get('/limited')));
      assert.equal(answers.filter(({ status }) => status === 200).length, 5);
      const left = await Promise.all(
        Array.from({ length: 4 }, async () => ((await get('/take/duck')).body as { left: number }).left),
      );
      assert.equal(new Set(left).size, 4, 'nobody got the same one');
    });
  });

  test(`${framework} in two processes, by configuration alone`, async () => {
    const env = { SKEIN_STATE: `redis://127.0.0.1:${redis.port}` };
    await withExample(file, env, packages, (one) =>
      withExample(file, env, packages, async (two) => {
        const first = await visit(one.url);
        const second = await visit(two.url, first.cookie);
        assert.deepEqual([second.visits - first.visits, second.yours], [1, 2]);
        await one.get('/motd/honk');
        await until('the other knows', async () => (await visit(two.url)).motd === 'honk');
        const left = await Promise.all(
          [one, two, one, two].map(
            async ({ get }) => ((await get('/take/duck')).body as { left: number }).left,
          ),
        );
        assert.equal(new Set(left).size, 4, 'nobody got the same one');
      }),
    );
  });
}
