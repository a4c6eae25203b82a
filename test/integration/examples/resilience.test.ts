/** The examples of docs/resilience.md, with a service that works, fails, and works again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { withExample } from '../../support/example.ts';
import { until } from '../../support/wait.ts';

type Health = 'works' | 'fails' | 'hangs';

const withService = async (
  use: (service: { url: string; become: (health: Health) => void; calls: () => number }) => Promise<void>,
): Promise<void> => {
  let health: Health = 'works';
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    if (health === 'works') response.end('{"eur":1.1}');
    if (health === 'fails') response.writeHead(500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/rates`;
    await use({ url, become: (next) => (health = next), calls: () => calls });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

for (const framework of ['express', 'fastify']) {
  test(
    `${framework}: a service that fails is answered for, spared, and found again`,
    { timeout: 30_000 },
    () =>
      withService(async (service) => {
        const env = { RATES_URL: service.url };
        await withExample(`resilience/${framework}.ts`, env, [framework], async ({ get }) => {
          service.become('fails');
          const first = await get('/rates');
          assert.equal(first.status, 503, 'nothing good is known yet');

          service.become('works');
          assert.deepEqual((await get('/rates')).body, { eur: 1.1, stale: false });

          service.become('hangs');
          const stale = { status: 200, body: { eur: 1.1, stale: true } };
          const state = async (): Promise<string> =>
            ((await get('/metrics')).body as { state: string }).state;
          await until('the breaker is open', async () => {
            assert.deepEqual(await get('/rates'), stale);
            return (await state()) === 'open';
          });
          const before = service.calls();
          for (let nth = 0; nth < 5; nth += 1) assert.deepEqual(await get('/rates'), stale);
          assert.equal(service.calls(), before, 'an open breaker makes no call');

          service.become('works');
          await until('the service is found again', async () => {
            const { body } = await get('/rates');
            return (body as { stale: boolean }).stale === false;
          });
          assert.equal(await state(), 'closed');
        });
      }),
  );
}
