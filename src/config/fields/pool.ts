/** How requests are spread over upstreams: settings of `balance`, and of a balancer for its pools. */
import { writeKeySource, readKeySource } from '../balance/key-source.ts';
import { readSplit, splitType } from '../balance/split.ts';
import { policies, readPolicy, readSticky, readWeights, writeSticky } from '../balance/values.ts';
import type { Table } from '../field.ts';
import { countLimit, duration, either, flag, oneOf, onlyObject, text } from '../field-types.ts';
import type { Place } from '../place.ts';
import { badValue, readCount, readDurationOrZero, readFlag, readOneOf } from '../values.ts';
import { writeDuration } from '../write-values.ts';
import type { PoolAt } from './pool-parts.ts';
import {
  ejectionFields,
  healthFields,
  queueFields,
  readPath,
  retryFields,
  timeoutFields,
} from './pool-parts.ts';

const isOff = (value: unknown): boolean =>
  value === false || value === null || value === 'none' || value === 'off';

const object = (what: string, example: string) => (value: unknown, place: Place) => {
  throw badValue(place, value, what, example);
};

export const poolFields = (at: PoolAt): Table => {
  const { put, of } = at;
  return {
    policy: {
      type: oneOf(...policies),
      doc: 'How an upstream is chosen ([balancing.md](balancing.md#policies)).',
      default: 'least-connections',
      examples: ['round-robin', 'hash'],
      read: (value, place) => put({ policy: { name: readPolicy(place, value) } }),
      get: (spec) => of(spec)?.policy.name,
    },
    by: {
      type: text,
      doc: 'The key that the policy `hash` goes by: `header:<name>`, `cookie:<name>`, `query:<name>`, `path:<segment>` (from 0), `jwt:<claim>` (not verified) or `address`.',
      defaultText: '`address`, with the policy `hash`',
      examples: ['header:x-user', 'path:0', 'jwt:sub'],
      ...(at.byFlag && { flag: at.byFlag }),
      read: (value, place) => put({ policy: { by: readKeySource(place, value) } }),
      get: (spec) => {
        const policy = of(spec)?.policy;
        return policy?.name === 'hash' ? writeKeySource(policy.by) : undefined;
      },
    },
    sticky: {
      type: either(flag, text),
      doc: 'Sessions stay with one upstream: by a cookie of the balancer (`cookie`, or `true`), by one that the app sets (`cookie:<name>`), by a header (`header:<name>`) or by `address` ([balancing.md](balancing.md#sessions)).',
      default: false,
      examples: [true, 'cookie:connect.sid', 'header:x-session', 'address'],
      ...(at.stickyFlag && { flag: at.stickyFlag }),
      read: (value, place) => put({ sticky: readSticky(place, value) }),
      get: (spec) => of(spec) && writeSticky(of(spec)?.sticky ?? null),
    },
    split: {
      type: splitType,
      doc: "Groups of upstreams for some requests each: a request's `key` names its group by a `table`, a `hash` over the groups, the `function` a module exports, or the value that `state` has under this prefix and the key; `fallback` serves keys without a group ([balancing.md](balancing.md#splitting)).",
      defaultText: 'none',
      examples: [
        { key: 'header:x-tenant', groups: { eu: '0-1', us: [2, 3] }, table: { acme: 'eu' }, fallback: 'us' },
        { key: 'jwt:sub', groups: { a: 0, b: 1 }, hash: true },
      ],
      read: (value, place, { cwd }) => put({ split: readSplit(place, value, cwd) }),
      get: (spec) => of(spec)?.split,
    },
    weights: {
      type: either(
        {
          ts: 'readonly number[]',
          schema: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 1000 } },
        },
        text,
      ),
      doc: 'Shares of the upstreams, in the order of the slots or of `to`; what is missing is 1.',
      default: [],
      examples: [[5, 1, 1]],
      read: (value, place) => put({ weights: readWeights(place, value) }),
      get: (spec) => of(spec)?.weights,
    },
    slowStart: {
      type: duration,
      doc: 'An upstream that has come back gets its share only little by little, over this time.',
      default: 0,
      examples: ['10s'],
      read: (value, place) => put({ slowStartMs: readDurationOrZero(place, value) }),
      get: (spec) => {
        const pool = of(spec);
        return pool && (pool.slowStartMs === 0 ? 0 : writeDuration(pool.slowStartMs));
      },
    },
    retry: {
      type: either(flag, { ts: "'none'", schema: { enum: ['none', 'off', null] } }),
      doc: 'Whether a request is sent to another upstream when one fails it without an answer; `false`: never.',
      default: true,
      examples: [false, { tries: 3, idempotent: true }],
      read: (value, place) => {
        if (isOff(value)) return put({ retry: { tries: 1, connectTries: 1 } });
        if (value === true) return put({ retry: {} });
        throw badValue(place, value, 'true, false or an object', '{ tries: 3 }');
      },
      fields: retryFields(at),
      interfaceName: 'RetryConfig',
    },
    maxInFlight: {
      type: countLimit,
      doc: 'Requests and tunnels at the same time in one upstream; more wait in the queue.',
      default: 'none',
      examples: [200],
      read: (value, place) =>
        put({
          maxInFlight: isOff(value) ? null : readCount(place, value, 1),
        }),
      get: (spec) => of(spec) && (of(spec)?.maxInFlight ?? 'none'),
    },
    queue: {
      type: either({ ts: "'none' | false", schema: { enum: ['none', 'off', false, null] } }),
      doc: 'Requests wait while no upstream can take them; `false`: they get 503 at once.',
      defaultText: '1024 for 5 s',
      examples: [{ size: 100, timeout: '10s' }, false],
      read: (value, place) =>
        isOff(value)
          ? put({ queue: { size: 0 } })
          : object('an object of size and timeout', '{ size: 100, timeout: "10s" }')(value, place),
      fields: queueFields(at),
      interfaceName: 'QueueConfig',
    },
    timeouts: {
      type: onlyObject,
      doc: 'How long upstreams may take.',
      defaultText: 'see below',
      examples: [{ response: '10s' }],
      read: object('an object of timeouts', '{ response: "10s" }'),
      fields: timeoutFields(at),
      interfaceName: 'TimeoutsConfig',
    },
    health: {
      type: either(flag, text),
      doc: 'Upstreams are asked how they are: `true` or a path for a request, `tcp` for a connection, or an object. Workers of this Skein say themselves how they are.',
      default: false,
      examples: ['/healthz', 'tcp', { path: '/healthz', interval: '5s' }],
      read: (value, place) => {
        if (isOff(value)) return put({ activeHealth: null });
        if (value === true) return put({ activeHealth: {} });
        return put({ activeHealth: value === 'tcp' ? { kind: 'tcp' } : { path: readPath(place, value) } });
      },
      get: (spec) => of(spec) && of(spec)?.activeHealth !== null,
      on: put({ activeHealth: {} }),
      fields: healthFields(at),
      interfaceName: 'BalanceHealthConfig',
    },
    ejection: {
      type: flag,
      doc: 'An upstream that fails requests gets none for a while.',
      default: true,
      examples: [false, { failures: 3, time: '30s' }],
      read: (value, place) => put({ passiveHealth: readFlag(place, value) ? {} : null }),
      get: (spec) => of(spec) && of(spec)?.passiveHealth !== null,
      on: put({ passiveHealth: {} }),
      fields: ejectionFields(at),
      interfaceName: 'EjectionConfig',
    },
    sendProxyProtocol: {
      type: either(oneOf('v1', 'v2'), { ts: "'none' | false", schema: { enum: ['none', false, null] } }),
      doc: 'Upstreams get a header of the PROXY protocol before everything else.',
      default: 'none',
      examples: ['v2'],
      read: (value, place) =>
        put({ proxyProtocol: isOff(value) ? null : readOneOf(place, value, ['v1', 'v2'] as const) }),
      get: (spec) => of(spec) && (of(spec)?.proxyProtocol ?? 'none'),
    },
    host: {
      type: oneOf('keep', 'upstream'),
      doc: "The Host that upstreams see: the client's, or their own.",
      default: 'keep',
      examples: ['upstream'],
      read: (value, place) => put({ host: readOneOf(place, value, ['keep', 'upstream']) }),
      get: (spec) => of(spec)?.host,
    },
  };
};
