import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { SnapshotRefused } from '../../../../src/balancer/refused.ts';
import { routeOf } from '../../../support/balance-route.ts';
import { startLive } from '../../../support/live-balancer.ts';
import { rawClient } from '../../../support/raw-client.ts';

const get = async (port: number, path = '/'): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();

test('a snapshot that cannot be gone by is refused with its place, and the one before it stays', async (context) => {
  const live = await startLive(context, (_request, response) => response.end('here'));
  const before = live.port();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  assert.ok(address !== null && typeof address === 'object');
  const cases = [
    [
      'balancer.listen[1]',
      { listen: [{ address: '127.0.0.1:0' }, { address: `127.0.0.1:${address.port}` }] },
    ],
    ['balancer.trust[1]', { front: { trust: ['10.0.0.0/8', '10.0.0.0/33'] } }],
    ['balancer.trust[0]', { front: { trust: ['proxy.example'] } }],
    [
      'balancer.routes[0]',
      { change: { routes: [{ ...routeOf('/ -> nowhere'), action: { kind: 'pool', pool: 'nowhere' } }] } },
    ],
  ] as const;
  for (const [place, parts] of cases)
    await assert.rejects(
      live.apply(parts),
      (error) => error instanceof SnapshotRefused && error.place.endsWith(place.slice(9)),
    );
  assert.equal(live.port(), before);
  assert.equal(await get(before), 'here');
  taken.close();
});

test('requests in flight keep their rules, and what is known of an upstream stays', async (context) => {
  let release = (): void => {};
  const live = await startLive(context, (request, response) => {
    if (request.url === '/now') return response.end('now');
    release = () => response.end('late');
  });
  const slow = get(live.port(), '/slow');
  await once(live.upstream, 'request');
  await live.apply({
    listen: [{ address: '127.0.0.1:0' }, { address: '[::1]:0' }],
    change: { routes: [{ ...routeOf('/now -> web'), match: { ...routeOf('').match, path: '/now' } }] },
  });
  assert.equal(await get(live.port(), '/now'), 'now');
  assert.equal(
    (await fetch(`http://127.0.0.1:${live.port()}/slow`, { headers: { connection: 'close' } })).status,
    404,
  );
  release();
  assert.equal(await slow, 'late');
});

test('an address that is no longer listened on ends nothing that is open', async (context) => {
  const live = await startLive(context, (_request, response) => response.end('here'));
  const port = live.port();
  const client = await rawClient(port);
  await client.ask('/', 'here');
  await live.apply({ listen: [{ address: '[::1]:0' }] });
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  await client.ask('/', 'here');
  client.close();
});
