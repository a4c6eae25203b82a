import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startBalancer, testPool } from '../../support/balancer.ts';
import type { Ended, TestBalancer, TestBalancerOptions, TestPool } from '../../support/balancer.ts';
import type { RawClient } from '../../support/raw-client.ts';
import { rawClient } from '../../support/raw-client.ts';
import type { RawConnection, RawUpstream } from '../../support/raw-upstream.ts';
import { answering, startRawUpstream } from '../../support/raw-upstream.ts';
import { until } from '../../support/wait.ts';
import type { PoolSettings } from '../../../src/protocol/balance.ts';

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleanups) await clean();
});

interface Setup {
  readonly balancer: TestBalancer;
  readonly pool: TestPool;
  readonly upstreams: readonly RawUpstream[];
  readonly upstream: RawUpstream;
  client(): Promise<RawClient>;
  /** How the next request ended. */
  end(): Promise<Ended>;
}

type Answer = (connection: RawConnection, piece: string) => void;

/** One raw upstream for each answer, and a balancer before them. */
const setUp = async (
  answers: readonly Answer[],
  settings: Partial<PoolSettings> = {},
  options: TestBalancerOptions = {},
): Promise<Setup> => {
  const upstreams = await Promise.all(answers.map((answer) => startRawUpstream(answer)));
  const pool = testPool(
    upstreams.map(({ address }) => address),
    settings,
  );
  const balancer = await startBalancer(pool, options);
  const clients: RawClient[] = [];
  cleanups.push(async () => {
    for (const { socket } of clients) socket.destroy();
    await balancer.close();
    for (const upstream of upstreams) await upstream.close();
    for (const { inFlight, id } of pool.members) assert.equal(inFlight, 0, `in flight in ${id}`);
  });
  return {
    balancer,
    pool,
    upstreams,
    upstream: upstreams[0]!,
    client: async () => {
      const client = await rawClient(balancer.port);
      clients.push(client);
      return client;
    },
    end: () => until('the end of a request', () => balancer.ended.shift()),
  };
};

const OK = 'HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi';

test('a request goes through and comes back, and both connections stay', async () => {
  const { client, end, upstream } = await setUp([answering(OK)]);
  const one = await client();
  for (const reused of [false, true]) {
    one.received = '';
    one.get('/a?b', ['X-Own: 1']);
    await one.until(/hi$/);
    assert.equal(one.received, OK);
    const { status, tries, termination, bytesOut, reused: wasReused } = await end();
    assert.deepEqual(
      { status, tries, termination, bytesOut, wasReused },
      { status: 200, tries: 1, termination: { who: '-', phase: '-' }, bytesOut: 2, wasReused: reused },
    );
  }
  assert.equal(upstream.connections.length, 1);
  assert.match(upstream.received, /^GET \/a\?b HTTP\/1\.1\r\nHost: test\r\nX-Own: 1\r\n/);
  assert.match(upstream.received, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/);
});
