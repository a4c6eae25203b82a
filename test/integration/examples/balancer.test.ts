/** The examples of docs/balancing.md and docs/routing.md: carts in the memory of workers, on several of them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../support/ports.ts';
import { withSkein } from '../../support/skein.ts';

const examples = join(import.meta.dirname, '..', '..', '..', 'examples', 'balancer');

interface Cart {
  readonly items: number;
  readonly pid: number;
}

/** Adds to a cart, over a new connection each time. */
const shopper = (url: string, more: Record<string, string> = {}) => {
  let cookies: readonly string[] = [];
  return async (): Promise<Cart> => {
    const headers = { connection: 'close', cookie: cookies.join('; '), ...more };
    const response = await fetch(url, { method: 'POST', headers });
    assert.equal(response.status, 200);
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
    if (set.length > 0) cookies = set;
    return (await response.json()) as Cart;
  };
};

/** Several clients at the same time: the worker of each has all of its cart. */
const shop = async (url: string, more?: Record<string, string>): Promise<Set<number>> => {
  const pids = new Set<number>();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const add = shopper(url, more);
      const carts = [await add(), await add(), await add()];
      assert.deepEqual(
        carts.map(({ items }) => items),
        [1, 2, 3],
      );
      for (const { pid } of carts) pids.add(pid);
    }),
  );
  return pids;
};

for (const framework of ['express', 'fastify'])
  test(`${framework}: a cart stays with its worker, and the client is known`, async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    await withSkein(async (skein) => {
      const flags = ['-n', 'shop', '-i', '2', '--balance', 'round-robin', '--sticky', 'cookie:cart'];
      const env = { PORT: String(port), HOST: '127.0.0.1' };
      await skein.ok(['start', join(examples, `${framework}.ts`), ...flags], { env });
      assert.equal((await shop(`${url}/cart`)).size, 2);
      const response = await fetch(url, { headers: { connection: 'close' } });
      const { client } = (await response.json()) as { client: string };
      assert.match(client, /127\.0\.0\.1$/);
    });
  });

test('skein.config.ts: two shops behind one address', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await withSkein(async (skein) => {
    await skein.ok(['start', join(examples, 'skein.config.ts')], { env: { EDGE_PORT: String(port) } });
    const apps = await skein.list();
    const pidsOf = (name: string): readonly number[] =>
      apps.find((app) => app.name === name)?.workers.flatMap(({ pid }) => pid ?? []) ?? [];
    const [old, fresh] = [pidsOf('old-shop'), pidsOf('new-shop')];
    for (const pid of await shop(`${url}/old/cart`)) assert.ok(old.includes(pid));
    for (const pid of await shop(`${url}/cart`)) assert.ok(fresh.includes(pid));
    for (const pid of await shop(`${url}/cart`, { 'x-shop': 'old' })) assert.ok(old.includes(pid));
    assert.equal(await (await fetch(`${url}/health`, { headers: { connection: 'close' } })).text(), 'ok');
    const moved = await fetch(`${url}/shop/a?b=c`, { redirect: 'manual', headers: { connection: 'close' } });
    assert.deepEqual([moved.status, moved.headers.get('location')], [308, '/a?b=c']);
  });
});
