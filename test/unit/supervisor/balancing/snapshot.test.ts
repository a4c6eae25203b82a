import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultAppPool, defaultFront, defaultPool } from '../../../../src/config/balance-defaults.ts';
import type { BalancerSettings, RouteSettings } from '../../../../src/protocol/balance.ts';
import type { BehindApp, BehindWorker } from '../../../../src/supervisor/balancing/snapshot.ts';
import { buildSnapshot } from '../../../../src/supervisor/balancing/snapshot.ts';

const keys = { stickyKey: 'a', ticketKeys: 'b' };
const worker = (slot: number, more: Partial<BehindWorker> = {}): BehindWorker => ({
  id: `w${slot}`,
  slot,
  state: 'up',
  listening: [
    {
      key: 'k',
      address: '127.0.0.1:3000',
      kind: 'http',
      behind: { path: `/b/w${slot}-1.sock`, pulse: `/b/w${slot}-0.sock` },
    },
  ],
  ...more,
});
const api: BehindApp = {
  name: 'api',
  pool: { ...defaultAppPool, weights: [5] },
  tls: null,
  addresses: ['127.0.0.1:3000'],
  publicAddress: null,
  workers: [worker(1), worker(0)],
  expected: true,
};
const settings = (more: Partial<BalancerSettings> = {}): BalancerSettings => ({
  ...defaultFront,
  frontOf: null,
  listen: [{ address: '127.0.0.1:8080', tls: null, proxyProtocol: false }],
  routes: [],
  pools: {},
  ...more,
});
const to = (pool: string): RouteSettings => ({
  text: `/ -> ${pool}`,
  place: 'balancer.routes[0]',
  match: { host: '*', path: '/', methods: [], headers: [] },
  action: { kind: 'pool', pool },
  stripPrefix: '',
  addPrefix: '',
  rateLimit: null,
});
const build = (of: BalancerSettings, apps: readonly BehindApp[] = []) =>
  buildSnapshot(of, new Map(apps.map((app) => [app.name, app])), { keys, pseudonym: 'skein-1' });

describe('the snapshot of the balancer before an app', () => {
  it('listens where the app does, and leads to its workers in the order of their slots', () => {
    const { snapshot } = build(settings({ frontOf: 'api', listen: [] }), [api]);
    assert.deepEqual(
      snapshot.listen.map(({ address }) => address),
      ['127.0.0.1:3000'],
    );
    assert.deepEqual(snapshot.pools[0]!.members, [
      {
        id: 'w0',
        place: 'api/0',
        slot: 0,
        address: { kind: 'unix', path: '/b/w0-1.sock' },
        pulse: '/b/w0-0.sock',
        weight: 5,
        backup: false,
        state: 'up',
      },
      {
        id: 'w1',
        place: 'api/1',
        slot: 1,
        address: { kind: 'unix', path: '/b/w1-1.sock' },
        pulse: '/b/w1-0.sock',
        weight: 1,
        backup: false,
        state: 'up',
      },
    ]);
    assert.equal(snapshot.routes[0]!.match.listener, undefined);
    assert.equal('frontOf' in snapshot.front || 'pools' in snapshot.front, false);
    assert.equal(snapshot.stickyKey, 'a');
  });

  it('has a pool for each of several servers', () => {
    const two = worker(0, {
      listening: [
        ...worker(0).listening,
        { key: 'm', address: '[::]:9000', kind: 'http', behind: { path: '/b/w0-2.sock', pulse: '/p' } },
      ],
    });
    const apps = [{ ...api, addresses: ['127.0.0.1:3000', '[::]:9000'], workers: [two] }];
    const { snapshot } = build(settings({ frontOf: 'api' }), apps);
    assert.deepEqual(
      snapshot.routes.map(({ match, action }) => [match.listener, action.kind === 'pool' && action.pool]),
      [
        ['127.0.0.1:3000', 'api 127.0.0.1:3000'],
        ['[::]:9000', 'api [::]:9000'],
      ],
    );
    assert.deepEqual(
      snapshot.pools.map(({ members }) => members[0]!.address),
      [
        { kind: 'unix', path: '/b/w0-1.sock' },
        { kind: 'unix', path: '/b/w0-2.sock' },
      ],
    );
  });

  it('waits for nobody when the app is gone', () => {
    assert.deepEqual(build(settings({ frontOf: 'api' })).snapshot.listen, []);
  });

  it('leaves out a worker that does not listen there', () => {
    const apps = [{ ...api, workers: [worker(0), worker(1, { listening: [] })] }];
    assert.equal(build(settings({ frontOf: 'api' }), apps).snapshot.pools[0]!.members.length, 1);
  });
});

describe('the snapshot of a balancer of its own', () => {
  it('leads to workers, to the address of an app without balance, and to other machines', () => {
    const web: BehindApp = {
      ...api,
      name: 'web',
      pool: null,
      publicAddress: { kind: 'tcp', host: '127.0.0.1', port: 4000 },
    };
    const remote = {
      settings: { ...defaultPool, weights: [1, 2] },
      to: [
        { address: { kind: 'tcp', host: '10.0.0.7', port: 3000 }, backup: false },
        { address: { kind: 'tls', host: '::1', port: 443, insecure: false }, backup: true },
      ],
    } as const;
    const { snapshot, unknown } = build(
      settings({ routes: [to('api'), to('web'), to('far')], pools: { far: remote } }),
      [api, web],
    );
    assert.deepEqual(unknown, []);
    const [first, second, third] = snapshot.pools;
    assert.deepEqual(
      first!.members.map(({ id }) => id),
      ['w0', 'w1'],
    );
    assert.deepEqual(
      second!.members.map(({ id, slot, pulse }) => [id, slot, pulse]),
      [['127.0.0.1:4000', null, null]],
    );
    assert.deepEqual(
      third!.members.map(({ id, weight, backup }) => [id, weight, backup]),
      [
        ['10.0.0.7:3000', 1, false],
        ['https://[::1]:443', 2, true],
      ],
    );
  });

  it('has a pool without members for an app that is not known, and names it', () => {
    const { snapshot, unknown } = build(settings({ routes: [to('nobody'), to('nobody')] }));
    assert.deepEqual(unknown, ['nobody']);
    assert.deepEqual(
      snapshot.pools.map(({ members, expected }) => [members.length, expected]),
      [[0, false]],
    );
  });
});
