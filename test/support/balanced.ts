/** Raw upstreams with a balancer before them and raw clients, taken down with the test file. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { PoolSettings } from '../../src/protocol/balance.ts';
import type { Ended, TestBalancer, TestBalancerOptions, TestPool } from './balancer.ts';
import { startBalancer, testPool } from './balancer.ts';
import type { RawClient } from './raw-client.ts';
import { rawClient } from './raw-client.ts';
import type { RawConnection, RawUpstream } from './raw-upstream.ts';
import { startRawUpstream } from './raw-upstream.ts';
import { until } from './wait.ts';

const cleanups: (() => Promise<void>)[] = [];
after(async () => {
  for (const clean of cleanups) await clean();
});

export interface Setup {
  readonly balancer: TestBalancer;
  readonly pool: TestPool;
  readonly upstreams: readonly RawUpstream[];
  readonly upstream: RawUpstream;
  client(): Promise<RawClient>;
  /** How the next request ended. */
  end(): Promise<Ended>;
}

export type Answer = (connection: RawConnection, piece: string) => void;

/** One raw upstream for each answer, and a balancer before them. */
export const setUp = async (
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
    await until('nothing in flight', () => pool.members.every(({ inFlight }) => inFlight === 0));
    assert.equal(pool.waiting.length, 0);
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
