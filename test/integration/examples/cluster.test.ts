/** The examples of the lifecycle, run as a user would: alone, and on two workers of Skein. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withExample, withExampleOnSkein } from '../../support/example.ts';

const packages = ['express', 'fastify'];

for (const framework of ['express', 'fastify']) {
  const file = `cluster/${framework}.ts`;

  test(`${framework} alone`, async () => {
    await withExample(file, {}, packages, async ({ get }) => {
      assert.deepEqual((await get('/')).body, { app: 'app', slot: 0, generation: 1, count: 1 });
      assert.deepEqual((await get('/article')).body, { article: 'goose' });
      const { status, body } = await get('/health');
      assert.deepEqual([status, (body as { status: string }).status], [200, 'healthy']);
    });
    await withExample(file, { DATABASE: 'away' }, packages, async ({ get }) => {
      const { status, body } = await get('/health');
      const { checks } = body as { checks: readonly { name: string; reason: string }[] };
      assert.deepEqual(
        [status, checks.map(({ name, reason }) => `${name}: ${reason}`)],
        [503, ['database: the database cannot be reached']],
      );
    });
  });

  test(`${framework} on two workers of Skein`, async () => {
    await withExampleOnSkein(file, 2, packages, async ({ get }, skein) => {
      const { app, count } = (await get('/')).body as { app: string; count: number };
      assert.deepEqual([app, count], ['example', 2]);
      const reload = await skein.run([
        'reload',
        'example',
        '--env',
        'DATABASE=away',
        '--ready-timeout',
        '3s',
      ]);
      assert.equal(reload.code, 4);
      assert.match(reload.stderr, /its health check failed \(database: the database cannot be reached\)/);
      assert.deepEqual((await get('/article')).body, { article: 'goose' });
      await skein.ok(['stop', 'example']);
      const { stdout } = await skein.ok(['logs', 'example', '--lines', '50']);
      for (const slot of [0, 1])
        assert.match(stdout, new RegExp(`worker ${slot} says goodbye\n(.*\n)*.*the database is closed`));
    });
  });
}
