import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ListenerInfo } from '../../../../src/protocol/holder.ts';
import {
  balancedAddresses,
  publicAddress,
  tcpAddress,
} from '../../../../src/supervisor/balancing/addresses.ts';

const listener = (address: string, more: Partial<ListenerInfo> = {}): ListenerInfo => ({
  app: 'api',
  key: address,
  type: 'tcp',
  mode: 'shared',
  address,
  slots: [0],
  ...more,
});
const behind = { path: '/p', pulse: '/q' };

it('a balancer listens where the holder keeps the address, also while no worker is there', () => {
  const listeners = [listener('[::]:1', { balanced: true }), listener('[::]:2')];
  assert.deepEqual(balancedAddresses({ listeners, workers: [] }), ['[::]:1']);
  const workers = [
    { gone: false, listening: [{ key: 'a', address: '[::]:1', kind: 'http', behind }] },
    { gone: false, listening: [{ key: 'b', address: '[::]:3', kind: 'http', behind }] },
    { gone: true, listening: [{ key: 'c', address: '[::]:4', kind: 'http', behind }] },
    { gone: false, listening: [{ key: 'd', address: '[::]:2', kind: 'https' }] },
  ] as const;
  assert.deepEqual(balancedAddresses({ listeners, workers }), ['[::]:1', '[::]:3']);
});

it('what stands for all addresses is reached at the machine’s own', () => {
  assert.deepEqual(tcpAddress('[::]:3000'), { kind: 'tcp', host: '::1', port: 3000 });
  assert.deepEqual(tcpAddress('0.0.0.0:3000'), { kind: 'tcp', host: '127.0.0.1', port: 3000 });
  assert.deepEqual(tcpAddress('10.0.0.1:80'), { kind: 'tcp', host: '10.0.0.1', port: 80 });
  assert.equal(tcpAddress('/run/app.sock'), null);
  const listeners = [listener('/run/app.sock', { type: 'pipe' }), listener('10.0.0.1:80')];
  assert.deepEqual(publicAddress({ listeners })?.kind, 'tcp');
  assert.equal(publicAddress({ listeners: [] }), null);
});
