import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultAppPool, defaultFront } from '../../../../src/config/balance-defaults.ts';
import type { AppSpec } from '../../../../src/protocol/app-spec.ts';
import type {
  BalancerReport,
  BalancerSettings,
  BalancerSnapshot,
  FromBalancer,
  MemberSnapshot,
  UpstreamReport,
} from '../../../../src/protocol/balance.ts';
import type { App } from '../../../../src/supervisor/app.ts';
import {
  balancerViews,
  changeText,
  changeUpstream,
  overridesOfApps,
} from '../../../../src/supervisor/balancing/operator.ts';
import { Snapshots } from '../../../../src/supervisor/balancing/snapshots.ts';
import type { AppRecord } from '../../../../src/supervisor/store.ts';
import type { WorkerHandle } from '../../../../src/supervisor/worker-handle.ts';
import { appSpec } from '../../support/app-spec.ts';

const settings = (frontOf: string | null): BalancerSettings => ({
  ...defaultFront,
  frontOf,
  listen: [],
  routes: [],
  pools: {},
});

const worker = (slot: number, changes: object = {}): WorkerHandle =>
  ({
    tag: { slot },
    pid: 100 + slot,
    gone: false,
    connected: true,
    send: () => {},
    ...changes,
  }) as unknown as WorkerHandle;

const app = (name: string, spec: Partial<AppSpec>, workers: readonly WorkerHandle[] = []): App =>
  ({
    name,
    record: { current: { number: 1, spec: appSpec({ name, ...spec }) } } as AppRecord,
    workers: new Map(workers.map((one, nth) => [String(nth), one])),
  }) as unknown as App;

const member = (place: string): MemberSnapshot => ({
  id: `id-${place}`,
  place,
  slot: null,
  address: { kind: 'tcp', host: '::1', port: 3000 },
  pulse: null,
  weight: 1,
  backup: false,
  state: 'up',
});

const plain = (pool: string, places: readonly string[]): Omit<BalancerSnapshot, 'revision'> => ({
  front: defaultFront,
  listen: [{ address: '127.0.0.1:80', tls: null, proxyProtocol: false }],
  routes: [],
  pools: [{ name: pool, settings: defaultAppPool, members: places.map(member), expected: true }],
  stickyKey: '',
  ticketKeys: '',
});

const upstream = (place: string, changes: Partial<UpstreamReport>): UpstreamReport => ({
  ...{ id: `id-${place}`, place, availability: 'up', weight: 1, inFlight: 1, requests: 10 },
  ...{ failures: 0, ejections: 0, reused: 9, moved: 0, latency: [0, 10] },
  ...changes,
});
const report = (upstreams: readonly UpstreamReport[]): BalancerReport => ({
  ...{ connections: 1, tunnels: 0, inFlight: 1, queued: 0, requests: 10, retries: 0, errors: {} },
  responses: { '/ -> api\0api/0\x00200': 10 },
  latency: { bounds: [4], counts: [10, 0] },
  pools: { api: upstreams },
});

const front = worker(0);
const second = worker(1);
const dead = worker(2, { gone: true });
const api = app('api', { instances: 2, balance: { pool: defaultAppPool, front: null } });
const companion = app('api:balancer', { balancer: settings('api') }, [second, front, dead]);
const edge = app('edge', { balancer: settings(null) });
const plainApp = app('plain', {});
const apps = new Map([api, companion, edge, plainApp].map((one) => [one.name, one]));
const snapshots = new Snapshots(() => 7);
const said = (one: WorkerHandle, what: FromBalancer): void => snapshots.heard(one, what);

test('a balancer as its operators see it', () => {
  snapshots.update('api:balancer', plain('api', ['api/0', 'api/1']), []);
  snapshots.update('edge', plain('far', ['10.0.0.7:3000']), []);
  said(front, { say: 'applied', revision: 7 });
  said(front, { say: 'report', report: report([upstream('api/0', {}), upstream('api/1', {})]) });
  said(second, { say: 'refused', revision: 7, place: 'p', reason: 'r' });
  said(second, { say: 'report', report: report([upstream('api/0', { availability: 'down' })]) });
  said(dead, { say: 'report', report: report([upstream('api/0', { requests: 1000 })]) });
  const [view, ...more] = balancerViews([api], apps, snapshots);
  assert.deepEqual(more, []);
  assert.ok(view);
  assert.deepEqual(
    [view.name, view.frontOf, view.listen, view.revision],
    ['api:balancer', 'api', ['127.0.0.1:80'], 7],
  );
  assert.deepEqual(view.workers, [
    { slot: 0, pid: 100, revision: 7, refused: null },
    { slot: 1, pid: 101, revision: 0, refused: { place: 'p', reason: 'r' } },
  ]);
  assert.equal(view.totals?.requests, 20);
  assert.equal(view.p50Ms, 2);
  const [first] = view.pools[0]!.upstreams;
  assert.equal(first?.address, '[::1]:3000');
  assert.equal(first.requests, 20);
  assert.deepEqual(first.availability, { up: 1, down: 1 });
  assert.equal(first.byCommand, null);
});

test('which balancers are shown', () => {
  const names = (chosen: readonly App[]): string[] =>
    balancerViews(chosen, apps, snapshots).map(({ name }) => name);
  assert.deepEqual(names([...apps.values()]), ['api:balancer', 'edge']);
  assert.deepEqual(names([edge]), ['edge']);
  assert.deepEqual(names([companion]), ['api:balancer']);
  assert.deepEqual(names([plainApp]), []);
});

test('an upstream is changed with the record of the app that is meant', () => {
  for (const name of ['api', 'api:balancer']) {
    const {
      app: meant,
      upstreams,
      changed,
    } = changeUpstream({ app: name, upstream: '1', state: 'draining' }, apps, snapshots);
    assert.equal(meant, api);
    assert.deepEqual(upstreams, { 'api/1': { state: 'draining' } });
    assert.deepEqual(changed, { app: 'api', place: 'api/1', state: 'draining', weight: null });
  }
  const far = changeUpstream({ app: 'edge', upstream: 'http://10.0.0.7:3000', weight: 0 }, apps, snapshots);
  assert.equal(far.app, edge);
  assert.deepEqual(far.changed, { app: 'edge', place: '10.0.0.7:3000', state: 'up', weight: 0 });
});

test('what cannot be meant', () => {
  const change = (name: string, of: string) => () =>
    changeUpstream({ app: name, upstream: of, state: 'up' }, apps, snapshots);
  assert.throws(change('none', '0'), { code: 'E_UNKNOWN_APP' });
  assert.throws(change('plain', '0'), { code: 'E_NOT_BALANCED' });
  assert.throws(change('api', '2'), { code: 'E_UNKNOWN_UPSTREAM', message: /there is api\/0, api\/1\./ });
  assert.throws(change('edge', '10.0.0.8:3000'), { code: 'E_UNKNOWN_UPSTREAM' });
});

test('what was said about apps is put together; that of balancers is their own', () => {
  assert.equal(overridesOfApps(apps), undefined);
  const record = ({ name, record: before }: App, upstreams: AppRecord['upstreams']): App =>
    ({ name, record: { ...before, upstreams } }) as App;
  const both = new Map([
    ['api', record(api, { 'api/0': { weight: 2 } })],
    ['edge', record(edge, { x: { weight: 3 } })],
  ]);
  assert.deepEqual(overridesOfApps(both), { 'api/0': { weight: 2 } });
});

test('changes as text', () => {
  const text = (state: 'up' | 'draining' | 'maintenance', weight: number | null): string =>
    changeText({ app: 'api', place: 'api/0', state, weight });
  assert.equal(text('up', null), 'api/0 serves, by command');
  assert.equal(text('up', 5), 'api/0 serves, with weight 5, by command');
  assert.equal(text('draining', null), 'api/0 gets nothing new but its sessions, by command');
  assert.equal(text('maintenance', null), 'api/0 gets nothing, by command');
});
