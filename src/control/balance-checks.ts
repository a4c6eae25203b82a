/** Settings of balancing as they come over the control socket: whole in a spec, in parts in a patch. */
import { isAbsolute } from 'node:path';
import type {
  ActiveHealth,
  BalancerSettings,
  FrontSettings,
  Limits,
  PassiveHealth,
  PoolSettings,
  RouteMatch,
  RouteSettings,
} from '../protocol/balance.ts';
import type { Check } from './checks.ts';
import {
  all,
  count,
  duration,
  fields,
  filled,
  flag,
  list,
  object,
  oneOf,
  orNull,
  record,
  some,
  text,
  variant,
  whole,
} from './checks.ts';

type Checks<Of> = Readonly<Record<keyof Of, Check>>;

const share: Check = (value) => typeof value === 'number' && value >= 0 && value <= 1;
const amount: Check = (value) => typeof value === 'number' && value > 0 && Number.isFinite(value);
const port: Check = (value) => count(value) && (value as number) <= 65_535;
const absolute: Check = (value) => filled(value) && isAbsolute(value as string);
/** A name or a value of a header: a line break in it would begin another one. */
const headerText: Check = (value) => typeof value === 'string' && !/[\0\r\n]/.test(value);

const keySource: Check = variant('from', {
  header: { name: filled },
  cookie: { name: filled },
  query: { name: filled },
  address: {},
  path: { segment: whole },
  jwt: { header: filled, claim: filled },
});

const policyNames = ['round-robin', 'least-connections', 'power-of-two', 'least-time', 'random'];
const policy: Check = variant('name', {
  ...Object.fromEntries(policyNames.map((name) => [name, {}])),
  hash: { by: keySource },
});

const sticky: Check = variant('by', {
  cookie: { name: filled, maxAgeMs: orNull(duration) },
  'app-cookie': { name: filled },
  header: { name: filled },
  address: {},
});

const split: Check = object({
  key: keySource,
  groups: record(list((one) => whole(one) || filled(one))),
  by: variant('kind', {
    table: { table: record(text) },
    hash: {},
    function: { module: absolute },
    state: { prefix: text },
  }),
  fallback: orNull(text),
});

const activeFields: Checks<ActiveHealth> = {
  kind: oneOf('http', 'tcp'),
  path: filled,
  method: oneOf('GET', 'HEAD'),
  expectStatus: list((range) => list(count)(range) && (range as unknown[]).length === 2),
  expectBody: orNull(text),
  intervalMs: duration,
  timeoutMs: duration,
  fall: count,
  rise: count,
};
const passiveFields: Checks<PassiveHealth> = {
  failures: count,
  errorRate: share,
  minimumRequests: count,
  windowMs: duration,
  ejectMs: duration,
  maxEjected: share,
};
const retryFields: Checks<PoolSettings['retry']> = {
  tries: count,
  connectTries: count,
  idempotent: flag,
  budget: share,
  budgetAtLeast: whole,
};
const queueFields: Checks<PoolSettings['queue']> = { size: whole, timeoutMs: duration };

const plainPoolFields = {
  sticky: orNull(sticky),
  split: orNull(split),
  weights: list((one) => typeof one === 'number' && one >= 0 && Number.isFinite(one)),
  slowStartMs: duration,
  maxInFlight: orNull(count),
  connectTimeoutMs: duration,
  responseTimeoutMs: duration,
  idleTimeoutMs: duration,
  tunnelTimeoutMs: orNull(duration),
  proxyProtocol: orNull(oneOf('v1', 'v2')),
  host: oneOf('keep', 'upstream'),
};
const poolFields: Checks<PoolSettings> = {
  ...plainPoolFields,
  policy,
  retry: object(retryFields),
  queue: object(queueFields),
  activeHealth: orNull(object(activeFields)),
  passiveHealth: orNull(object(passiveFields)),
};

const rate: Check = object({ key: keySource, perSecond: amount, burst: count });

const limitFields: Checks<Limits> = {
  headerBytes: count,
  headerCount: count,
  headerTimeoutMs: duration,
  bodyTimeoutMs: duration,
  bodyBytesPerSecond: amount,
  bodyBytes: orNull(count),
  keepAliveTimeoutMs: duration,
  keepAliveRequests: orNull(count),
  connections: orNull(count),
  connectionsPerAddress: orNull(count),
  rate: orNull(rate),
};
const plainFrontFields = {
  trust: list(filled),
  accessLog: object({ format: oneOf('off', 'combined', 'json') }),
  pseudonym: (value: unknown): boolean => value === '' || (filled(value) && headerText(value)),
  requestId: orNull(filled),
  forwarded: flag,
  closeTunnelsPerSecond: count,
};
const frontFields: Checks<FrontSettings> = { ...plainFrontFields, limits: object(limitFields) };

const tls: Check = object({
  certificates: (value) =>
    list(object({ cert: absolute, key: absolute }))(value) && (value as unknown[]).length > 0,
  minVersion: oneOf('TLSv1.2', 'TLSv1.3'),
  http2: flag,
});

/** `AppSpec.balance` */
export const balance: Check = object({
  pool: object(poolFields),
  front: orNull(object({ ...frontFields, workers: count, tls: orNull(tls) })),
});

/** `SpecPatch.balance` */
export const balancePatch: Check = some({
  pool: some({
    ...plainPoolFields,
    policy: some({ name: oneOf(...policyNames, 'hash'), by: keySource }),
    retry: some(retryFields),
    queue: some(queueFields),
    activeHealth: orNull(some(activeFields)),
    passiveHealth: orNull(some(passiveFields)),
  }),
  fronted: flag,
  front: some({ ...plainFrontFields, limits: some(limitFields), workers: count, tls: orNull(tls) }),
});

const address: Check = variant('kind', {
  unix: { path: absolute },
  tcp: { host: filled, port },
  tls: { host: filled, port, insecure: flag },
});

const matchFields: Checks<Omit<RouteMatch, 'listener'>> = {
  host: filled,
  path: (value) => filled(value) && (value as string).startsWith('/'),
  methods: list(filled),
  headers: list(object({ name: filled, value: orNull(text) })),
};
const match: Check = (value) =>
  fields(value) &&
  all(value as Readonly<Record<string, unknown>>, matchFields) &&
  some({ ...matchFields, listener: filled })(value);

const routeFields: Checks<RouteSettings> = {
  text: headerText,
  place: text,
  match,
  action: variant('kind', {
    pool: { pool: filled },
    redirect: {
      status: (value) => [301, 302, 303, 307, 308].includes(value as number),
      location: (value) => filled(value) && headerText(value),
    },
    respond: {
      status: (value) => count(value) && (value as number) >= 200 && (value as number) <= 599,
      headers: (value) => record(headerText)(value) && Object.keys(value as object).every(headerText),
      body: text,
    },
  }),
  stripPrefix: text,
  addPrefix: text,
  rateLimit: orNull(rate),
};

const balancerFields: Checks<BalancerSettings> = {
  ...frontFields,
  frontOf: orNull(filled),
  listen: list(object({ address: filled, tls: orNull(tls), proxyProtocol: flag })),
  routes: list(object(routeFields)),
  pools: record(object({ settings: object(poolFields), to: list(object({ address, backup: flag })) })),
};

/** `AppSpec.balancer` */
export const balancer: Check = object(balancerFields);
