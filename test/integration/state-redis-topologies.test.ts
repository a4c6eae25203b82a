/** Redis behind sentinels and as a cluster: the same suite, and the loss of a master. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { createClient, createCluster } from 'redis';
import type { StateChange } from '../../src/state/contract.ts';
import { createState } from '../../src/state/create.ts';
import { freePort } from '../support/ports.ts';
import { stateConformance } from '../support/state-conformance.ts';
import type { StateServer } from '../support/state-servers.ts';
import { startRedis, startSentinel } from '../support/state-servers.ts';
import { until } from '../support/wait.ts';

const command = async (port: number, ...args: string[]): Promise<unknown> => {
  const client = createClient({ socket: { port, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
};

const startCluster = async (): Promise<readonly StateServer[]> => {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () =>
      startRedis(
        ...['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`],
        ...['--cluster-node-timeout', '1000', '--appendfsync', 'no'],
      ),
    ),
  );
  const slots = ['0 5460', '5461 10922', '10923 16383'];
  for (const [index, { port }] of nodes.entries())
    await command(port, 'CLUSTER', 'ADDSLOTSRANGE', ...(slots[index] ?? '').split(' '));
  const [first] = nodes;
  const busOf = async (port: number): Promise<string> =>
    String(
      ((await command(port, 'CONFIG', 'GET', 'cluster-port')) as Record<string, string>)['cluster-port'],
    );
  for (const { port } of nodes.slice(1))
    await command(first?.port ?? 0, 'CLUSTER', 'MEET', '127.0.0.1', `${port}`, await busOf(port));
  for (const { port } of nodes)
    await until('the cluster is whole', async () =>
      String(await command(port, 'CLUSTER', 'INFO')).includes(
        'cluster_state:ok\r\ncluster_slots_assigned:16384',
      ),
    );
  return nodes;
};

const closeAll = async (servers: readonly StateServer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.close()));
};

suite('a cluster', () => {
  let nodes: readonly StateServer[] = [];
  const url = (): string => `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  before(async () => {
    nodes = await startCluster();
  });
  after(() => closeAll(nodes));

  stateConformance('a Redis cluster', {
    connect: () => createState({ url: url() }),
    part: 'all',
    tellsExpiry: false,
  });

  test('a ready cluster client is used', async () => {
    const client = createCluster({ rootNodes: nodes.map(({ port }) => ({ socket: { port } })) });
    await client.connect();
    const state = createState({ client, namespace: 'ready' });
    await Promise.all(Array.from({ length: 30 }, (_, index) => state.increment(`n${index % 10}`)));
    assert.equal((await state.keys('n')).length, 10);
    await state.close();
    assert.ok(client.isOpen);
    client.destroy();
  });

  test('while one node is away the keys of the others serve; it comes back by itself', async (t) => {
    const state = createState({ url: url(), namespace: 'loss', timeout: '1s' });
    t.after(() => state.close());
    const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => state.set(key, key)));
    const settled = async (): Promise<number> =>
      (await Promise.allSettled(keys.map((key) => state.get(key)))).filter(
        ({ status }) => status === 'fulfilled',
      ).length;
    await Promise.all(
      nodes.map(({ port }) => command(port, 'CONFIG', 'SET', 'cluster-require-full-coverage', 'no')),
    );
    await nodes[2]?.kill();
    await until('some keys are away, others not', async () => {
      const count = await settled();
      return count > 0 && count < keys.length;
    });
    await nodes[2]?.start();
    await until('all are back', async () => (await settled()) === keys.length);
  });
});

suite('sentinels', () => {
  let servers: StateServer[] = [];
  before(async () => {
    const master = await startRedis('--appendfsync', 'no', '--repl-diskless-sync-delay', '0');
    const replica = await startRedis('--appendfsync', 'no', '--replicaof', '127.0.0.1', `${master.port}`);
    await until('the replica follows', async () =>
      String(await command(replica.port, 'INFO', 'replication')).includes('master_link_status:up'),
    );
    const sentinel = await startSentinel('main', master.port);
    servers = [master, replica, sentinel];
    await until('the sentinel knows the replica', async () =>
      String(await command(sentinel.port, 'INFO', 'sentinel')).includes('slaves=1'),
    );
  });
  after(() => closeAll(servers));

  stateConformance('Redis behind a sentinel', {
    connect: () => createState({ url: `redis+sentinel://127.0.0.1:${servers[2]?.port}/main` }),
    part: 'all',
    tellsExpiry: false,
  });

  test('when the master dies the replica takes over, and subscribers are told of the gap', async (t) => {
    const state = createState({
      url: `redis+sentinel://127.0.0.1:${servers[2]?.port}/main`,
      namespace: 'failover',
      timeout: '1s',
    });
    t.after(() => state.close());
    const changes: StateChange[] = [];
    await state.subscribe({ prefix: '' }, (change) => changes.push(change));
    const version = await state.set('key', 'before');
    await until('the replica has it', async () =>
      String(await command(servers[1]?.port ?? 0, 'GET', 'failover:key')).includes('before'),
    );
    await servers[0]?.kill();
    const written = await until(
      'writes work again',
      () => state.set('key', 'after').catch(() => undefined),
      20_000,
    );
    assert.ok(written > version);
    assert.equal(await state.get('key'), 'after');
    await until('the gap is told', () => changes.some(({ type }) => type === 'missed'));
    await until('changes are told again', async () => {
      await state.set('key', 'again');
      return changes.some((change) => change.type === 'set' && change.value === 'again');
    });
  });
});
