/** A pool with a clock of its own, for tests: nothing happens until time is moved. */
import type { PoolTools } from '../../src/balancer/pool/tools.ts';
import type { Asking, Pool, PoolMember, Refused, Waiter } from '../../src/balancer/contract.ts';
import { keyOf } from '../../src/balancer/pool/key-of.ts';
import { defaultPool } from '../../src/config/balance-defaults.ts';
import type { MemberSnapshot, PoolSettings, PoolSnapshot } from '../../src/protocol/balance.ts';

export interface FakeClock {
  now: number;
  readonly after: PoolTools['after'];
  /** Everything due until then is called, in its order. */
  readonly pass: (ms: number) => void;
  readonly pending: () => number;
}

export const fakeClock = (): FakeClock => {
  let calls: { readonly at: number; readonly call: () => void }[] = [];
  const clock: FakeClock = {
    now: 0,
    after: (ms, call) => {
      const entry = { at: clock.now + ms, call };
      calls.push(entry);
      return () => {
        calls = calls.filter((other) => other !== entry);
      };
    },
    pass: (ms) => {
      const until = clock.now + ms;
      for (;;) {
        const next = calls.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        calls = calls.filter((other) => other !== next);
        clock.now = Math.max(clock.now, next.at);
        next.call();
      }
      clock.now = until;
    },
    pending: () => calls.length,
  };
  return clock;
};

export interface FakeTools extends PoolTools {
  readonly clock: FakeClock;
  /** One look of the coarse timer. */
  readonly tick: (gapMs?: number) => void;
  readonly gone: (upstream: PoolMember) => void;
  readonly wentAway: string[];
  readonly logged: string[];
}

export const fakeTools = (own: Partial<PoolTools> = {}): FakeTools => {
  const clock = fakeClock();
  const ticks = new Set<(gapMs: number) => boolean>();
  const wentAway: string[] = [];
  const logged: string[] = [];
  let seed = 1;
  return {
    clock,
    wentAway,
    logged,
    now: () => clock.now,
    random: () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    },
    after: clock.after,
    ticker: { start: (tick) => void ticks.add(tick) },
    tick: (gapMs = 10) => {
      clock.pass(gapMs);
      for (const tick of ticks) if (!tick(gapMs)) ticks.delete(tick);
    },
    log: (_level, message, details) => void logged.push(`${message} ${String(details?.['upstream'])}`),
    stickyKey: Buffer.alloc(32, 7),
    state: () => Promise.reject(new Error('this test has no state')),
    gone: ({ id }) => void wentAway.push(id),
    ...own,
  };
};

export const memberOf = (id: string, own: Partial<MemberSnapshot> = {}): MemberSnapshot => ({
  id,
  place: id,
  slot: null,
  address: { kind: 'tcp', host: '127.0.0.1', port: 1 },
  pulse: null,
  weight: 1,
  backup: false,
  state: 'up',
  ...own,
});

export const snapshotOf = (
  members: readonly (string | MemberSnapshot)[],
  settings: Partial<PoolSettings> = {},
  own: Partial<PoolSnapshot> = {},
): PoolSnapshot => ({
  name: 'web',
  settings: { ...defaultPool, ...settings },
  members: members.map((member) => (typeof member === 'string' ? memberOf(member) : member)),
  expected: false,
  ...own,
});

export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly raw?: readonly string[];
  readonly address?: string;
  readonly secure?: boolean;
}

export const askingOf = ({
  method = 'GET',
  target = '/',
  raw = [],
  address = '192.0.2.1',
  secure = false,
}: RequestParts = {}): Asking => {
  const head: Asking['head'] = {
    method,
    target,
    version: '1.1',
    raw,
    bodyLength: 0,
    hasBody: false,
    upgrade: false,
    beganAt: 0,
    arrivedAt: 0,
  };
  const connection: Asking['connection'] = {
    address,
    port: 1,
    localAddress: '127.0.0.1',
    localPort: 80,
    trusted: false,
    secure,
    protocol: '1.1',
  };
  return {
    head,
    connection,
    clientAddress: address,
    keyOf: (source) => keyOf(source, head, address),
  };
};

/** A request that waits if it must, and what became of it. */
export interface FakeRequest extends Waiter {
  upstream: PoolMember | undefined;
  refused: Refused | undefined;
}

export const requestOf = (parts: RequestParts = {}, tried: readonly PoolMember[] = []): FakeRequest => {
  const request: FakeRequest = {
    asking: askingOf(parts),
    tried,
    upstream: undefined,
    refused: undefined,
    onUpstream: (upstream) => {
      if (request.upstream !== undefined || request.refused !== undefined) throw new Error('called twice');
      request.upstream = upstream;
    },
    onRefused: (refused) => {
      if (request.upstream !== undefined || request.refused !== undefined) throw new Error('called twice');
      request.refused = refused;
    },
  };
  return request;
};

/** Takes, and puts what came of it at once into the request too. */
export const ask = (pool: Pool, parts: RequestParts = {}, tried: readonly PoolMember[] = []): FakeRequest => {
  const request = requestOf(parts, tried);
  const taken = pool.take(request);
  if (taken !== undefined && 'status' in taken) request.refused = taken;
  else if (taken !== undefined) request.upstream = taken;
  return request;
};

export const end = (pool: Pool, { upstream }: FakeRequest): void => {
  if (upstream !== undefined) pool.release(upstream);
};
