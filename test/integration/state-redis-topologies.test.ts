/** Redis behind sentinels and as a cluster: the same suite, and the loss of a master. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createClient, createCluster } from 'redis';
import type { State, StateChange } from '../../src/state/contract.ts';
import { createState } from '../../src/state/create.ts';
import { SkeinError } from '../../src/core/errors.ts';
import { replica } from '../../src/state/replica/replica.ts';
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

/** Where the nodes talk with each other. */
const busOf = async (port: number): Promise<string> =>
  String(((await command(port, 'CONFIG', 'GET', 'cluster-port')) as Record<string, string>)['cluster-port']);

const startCluster = async (): Promise<readonly StateServer[]> => {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () =>
      startRedis(
        ...['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`],
        ...['--appendfsync', 'no'],
      ),
    ),
  );
  const slots = ['0 5460', '5461 10922', '10923 16383'];
  for (const [index, { port }] of nodes.entries())
    await command(port, 'CLUSTER', 'ADDSLOTSRANGE', ...(slots[index] ?? '').split(' '));
  const [first] = nodes;
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

/**
 * They notice a dead one within a second. Not before it is wanted: a node that is only slow then loses its
 * link to another and opens a new one, and what was published over both may arrive in another order.
 */
const noticeSoon = async (nodes: readonly StateServer[]): Promise<void> => {
  for (const { port } of nodes) await command(port, 'CONFIG', 'SET', 'cluster-node-timeout', '1000');
};

const closeAll = async (servers: readonly StateServer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.close()));
};

/** Those of node-redis; what servers have with each other stays. */
const breakConnections = async (port: number): Promise<void> => {
  const clients = String(await command(port, 'CLIENT', 'LIST')).split('\n');
  const ids = clients
    .filter((line) => line.includes('lib-name=node-redis') && !line.includes('cmd=client'))
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '');
  // Some may have gone meanwhile.
  await Promise.all(ids.map((id) => command(port, 'CLIENT', 'KILL', 'ID', id)));
};

/** Increments all the time while `disturb` does what it does, and compares the sum with what was said. */
const countThrough = async (
  state: State,
  keys: readonly string[],
  disturb: (isCounting: () => Promise<unknown>) => Promise<void>,
): Promise<void> => {
  let done = 0;
  let inDoubt = 0;
  let running = true;
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    while (running)
      await state.increment(keys[writer % keys.length] ?? '').then(
        () => (done += 1),
        (error: unknown) => {
          assert.ok(error instanceof SkeinError, String(error));
          if (error.code === 'E_STATE_IN_DOUBT') inDoubt += 1;
          else assert.equal(error.code, 'E_STATE_AWAY', error.message);
          return turn();
        },
      );
  });
  const isCounting = (): Promise<unknown> => {
    const before = done;
    return until('it counts', () => done > before + 200);
  };
  try {
    await disturb(isCounting);
    await isCounting();
  } finally {
    running = false;
  }
  await Promise.all(writers);
  const sums = await Promise.all(keys.map(async (key) => (await state.get<number>(key)) ?? 0));
  const sum = sums.reduce((total, one) => total + one, 0);
  assert.ok(sum >= done && sum <= done + inDoubt, `${sum} of ${done}, ${inDoubt} in doubt`);
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

  test('slots that move to another node take nothing along but the keys', async (t) => {
    const state = createState({ url: url(), namespace: 'moving', timeout: '1s' });
    t.after(() => state.close());
    const [from, to] = nodes.map(({ port }) => port);
    assert.ok(from !== undefined && to !== undefined);
    const ids = await Promise.all(
      [from, to].map(async (port) => String(await command(port, 'CLUSTER', 'MYID'))),
    );
    // Keys of slots that the first node has.
    const keys: string[] = [];
    for (let index = 0; keys.length < 3; index += 1) {
      const slot = Number(await command(from, 'CLUSTER', 'KEYSLOT', `moving:n${index}`));
      if (slot <= 5460) keys.push(`n${index}`);
    }
    const copy = await replica<number>(state, { prefix: 'n' });
    await countThrough(state, keys, async (isCounting) => {
      await isCounting();
      for (const key of keys) {
        const slot = String(await command(from, 'CLUSTER', 'KEYSLOT', `moving:${key}`));
        await command(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[0] ?? '');
        await command(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[1] ?? '');
        // Those of other tests too.
        for (const name of (await command(from, 'CLUSTER', 'GETKEYSINSLOT', slot, '100')) as string[])
          await command(from, 'MIGRATE', '127.0.0.1', `${to}`, name, '0', '1000');
        for (const { port } of nodes) await command(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', ids[1] ?? '');
      }
    });
    const sums = await Promise.all(keys.map(async (key) => (await state.get<number>(key)) ?? 0));
    await until('the replica agrees', () => keys.every((key, index) => copy.get(key) === sums[index]));
    await copy.close();
  });

  test('connections to its nodes that break under load: what failed is not done twice', async (t) => {
    const state = createState({ url: url(), namespace: 'breaks' });
    t.after(() => state.close());
    await countThrough(state, ['n'], async (isCounting) => {
      for (let round = 0; round < 5; round += 1) {
        await isCounting();
        for (const { port } of nodes) await breakConnections(port);
      }
    });
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
    await noticeSoon(nodes);
    await nodes[2]?.kill();
    await until('some keys are away, others not', async () => {
      const count = await settled();
      return count > 0 && count < keys.length;
    });
    await nodes[2]?.start();
    await until('all are back', async () => (await settled()) === keys.length);
  });

  // The last one: the cluster is another one afterwards.
  test('a replica of a node that dies takes over, and writes go on', async (t) => {
    const third = nodes[2];
    assert.ok(third !== undefined);
    const spare = await startRedis(
      ...['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`],
      ...['--cluster-node-timeout', '1000', '--appendfsync', 'no', '--repl-diskless-sync-delay', '0'],
    );
    t.after(() => spare.close());
    await command(spare.port, 'CLUSTER', 'MEET', '127.0.0.1', `${third.port}`, await busOf(third.port));
    const id = String(await command(third.port, 'CLUSTER', 'MYID'));
    await until('it knows whom to follow', () =>
      command(spare.port, 'CLUSTER', 'REPLICATE', id).then(
        () => true,
        () => false,
      ),
    );
    await until('the replica follows', async () =>
      String(await command(spare.port, 'INFO', 'replication')).includes('master_link_status:up'),
    );
    const state = createState({ url: url(), namespace: 'failover', timeout: '1s' });
    t.after(() => state.close());
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => state.set(key, 'before')));
    const copy = await replica(state, { prefix: 'k' });
    await until('the others know the replica', async () =>
      String(await command(nodes[0]?.port ?? 0, 'CLUSTER', 'NODES')).includes(`${spare.port}@`),
    );
    await command(third.port, 'WAIT', '1', '1000');
    await noticeSoon(nodes);
    await third.kill();
    await until(
      'writes of all keys work again',
      async () => {
        const written = await Promise.allSettled(keys.map((key) => state.set(key, 'after')));
        return written.every(({ status }) => status === 'fulfilled');
      },
      20_000,
    );
    assert.deepEqual(new Set(await Promise.all(keys.map((key) => state.get(key)))), new Set(['after']));
    await until(
      'the replica is current and right',
      () => copy.current && keys.every((key) => copy.get(key) === 'after'),
      20_000,
    );
    await copy.close();
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

  test('connections that break under load: what failed is not done twice', async (t) => {
    const state = createState({
      url: `redis+sentinel://127.0.0.1:${servers[2]?.port}/main`,
      namespace: 'breaks',
    });
    t.after(() => state.close());
    await countThrough(state, ['n'], async (isCounting) => {
      for (let round = 0; round < 5; round += 1) {
        await isCounting();
        await breakConnections(servers[0]?.port ?? 0);
      }
    });
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
