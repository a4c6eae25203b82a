/** What holds for balancing where the user says nothing; durations in milliseconds. */
import type {
  ActiveHealth,
  BalanceSettings,
  FrontSettings,
  PassiveHealth,
  PoolSettings,
} from '../protocol/balance.ts';

export const defaultActiveHealth: ActiveHealth = {
  kind: 'http',
  path: '/',
  method: 'GET',
  expectStatus: [[200, 399]],
  expectBody: null,
  intervalMs: 2000,
  timeoutMs: 2000,
  fall: 3,
  rise: 2,
};

export const defaultPassiveHealth: PassiveHealth = {
  failures: 5,
  errorRate: 0.85,
  minimumRequests: 100,
  windowMs: 10_000,
  ejectMs: 10_000,
  maxEjected: 0.5,
};

/** For upstreams on other machines. */
export const defaultPool: PoolSettings = {
  policy: { name: 'least-connections' },
  sticky: null,
  split: null,
  activeHealth: null,
  passiveHealth: defaultPassiveHealth,
  weights: [],
  slowStartMs: 0,
  retry: { tries: 2, connectTries: 3, idempotent: false, budget: 0.2, budgetAtLeast: 3 },
  maxInFlight: null,
  queue: { size: 1024, timeoutMs: 5000 },
  connectTimeoutMs: 2000,
  responseTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  tunnelTimeoutMs: 3_600_000,
  proxyProtocol: null,
  host: 'keep',
};

/**
 * For workers of this Skein: who restarts is back within a moment, so an ejection is short. A connection
 * that is refused says at once that the process is gone: all of them may be, before a request waits.
 */
export const defaultAppPool: PoolSettings = {
  ...defaultPool,
  retry: { ...defaultPool.retry, tries: 3, connectTries: 20 },
  passiveHealth: { ...defaultPassiveHealth, ejectMs: 1000 },
};

export const defaultFront: FrontSettings = {
  trust: [],
  limits: {
    headerBytes: 16 * 1024,
    headerCount: 100,
    headerTimeoutMs: 10_000,
    bodyTimeoutMs: 30_000,
    bodyBytesPerSecond: 240,
    bodyBytes: null,
    keepAliveTimeoutMs: 75_000,
    keepAliveRequests: null,
    connections: null,
    connectionsPerAddress: null,
    rate: null,
  },
  accessLog: { format: 'off' },
  pseudonym: '',
  requestId: 'x-request-id',
  forwarded: false,
  closeTunnelsPerSecond: 500,
};

/** The balancer before one app: one process sees all of its requests, so its choices are the best ones. */
export const defaultAppFront: NonNullable<BalanceSettings['front']> = {
  ...defaultFront,
  workers: 1,
  tls: null,
};
