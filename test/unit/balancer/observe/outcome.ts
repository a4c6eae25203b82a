/** An ended request, as tests of logs and counters need it. */
import type { Outcome, PoolMember } from '../../../../src/balancer/contract.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';
import type { RouteSettings } from '../../../../src/protocol/balance.ts';

export const member = (place = 'web/0', id: string = place): PoolMember => ({
  ...newUpstream(id),
  availability: 'up',
  backup: false,
  maxInFlight: Infinity,
  place,
  slot: 0,
  address: { kind: 'tcp', host: '127.0.0.1', port: 1 },
  requests: 0,
  heard: 0,
  reused: 0,
});

export const route = (text = '/ -> web'): RouteSettings => ({
  text,
  place: 'balancer.routes[0]',
  match: { host: '*', path: '/', methods: [], headers: [] },
  action: { kind: 'pool', pool: 'web' },
  stripPrefix: '',
  addPrefix: '',
  rateLimit: null,
});

export const outcome = ({
  head,
  ...changes
}: Omit<Partial<Outcome>, 'head'> & { readonly head?: Partial<Outcome['head']> } = {}): Outcome => ({
  head: {
    method: 'GET',
    target: '/a/b',
    version: '1.1',
    raw: ['Host', 'example.com', 'User-Agent', 'curl/8.9'],
    bodyLength: 0,
    hasBody: false,
    upgrade: false,
    beganAt: 0,
    arrivedAt: 0,
    ...head,
  },
  connection: {
    address: '203.0.113.9',
    port: 40_000,
    localAddress: '127.0.0.1',
    localPort: 80,
    trusted: false,
    secure: false,
    protocol: '1.1',
  },
  clientAddress: '203.0.113.9',
  host: 'example.com',
  requestId: '0123456789abcdef0123456789abcdef',
  route: route(),
  pool: 'web',
  upstream: member(),
  tries: 1,
  status: 200,
  bytesIn: 0,
  bytesOut: 1234,
  queueMs: 0,
  connectMs: 0.42,
  firstByteMs: 3.149,
  totalMs: 3.36,
  reused: true,
  termination: { who: '-', phase: '-' },
  ...changes,
});
