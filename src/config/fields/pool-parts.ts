/** Groups of settings of a pool: retries, the queue, times, checks, ejection. */
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { ActiveHealth, PassiveHealth, PoolSettings } from '../../protocol/balance.ts';
import type { PoolPatch } from '../../protocol/balance-patch.ts';
import { readShare, readStatuses, writeStatuses } from '../balance/values.ts';
import type { Draft, Flag, Table } from '../field.ts';
import { count, duration, durationLimit, either, flag, oneOf, share, text } from '../field-types.ts';
import type { Place } from '../place.ts';
import {
  badValue,
  readCount,
  readDuration,
  readDurationLimit,
  readFlag,
  readOneOf,
  readText,
} from '../values.ts';
import { writeDuration, writeLimit } from '../write-values.ts';

/** Where settings of a pool go, and where they are in a whole spec. */
export interface PoolAt {
  readonly put: (patch: PoolPatch) => Draft;
  readonly of: (spec: AppSpec) => PoolSettings | undefined;
  /** `--balance-by` and `--sticky`, where there are flags. */
  readonly byFlag?: Flag;
  readonly stickyFlag?: Flag;
}

export const readPath = (place: Place, value: unknown): string => {
  if (typeof value === 'string' && /^\/[\x21-\x7e]*$/.test(value)) return value;
  throw badValue(place, value, 'a path', '/healthz');
};

export const retryFields = ({ put, of }: PoolAt): Table => ({
  tries: {
    type: count,
    doc: 'Tries in all, the first included; 1: never again. Only what can be repeated safely is.',
    defaultText: '3 for workers of an app, 2 for others',
    examples: [3],
    read: (value, place) => put({ retry: { tries: readCount(place, value, 1) } }),
    get: (spec) => of(spec)?.retry.tries,
  },
  connectTries: {
    type: count,
    doc: 'Tries where no connection came about, so that nothing was sent.',
    defaultText: '20 for workers of an app, 3 for others',
    examples: [2],
    read: (value, place) => put({ retry: { connectTries: readCount(place, value, 1) } }),
    get: (spec) => of(spec)?.retry.connectTries,
  },
  idempotent: {
    type: flag,
    doc: 'Repeat PUT and DELETE too. POST is never repeated once it was sent.',
    default: false,
    examples: [true],
    read: (value, place) => put({ retry: { idempotent: readFlag(place, value) } }),
    get: (spec) => of(spec)?.retry.idempotent,
  },
  budget: {
    type: share,
    doc: 'Retries may be this share of the requests of the last 10 s.',
    default: 0.2,
    examples: [0.1, '10%'],
    read: (value, place) => put({ retry: { budget: readShare(place, value) } }),
    get: (spec) => of(spec)?.retry.budget,
  },
  atLeast: {
    type: count,
    doc: 'Retries there may always be, whatever the share.',
    default: 3,
    examples: [10],
    read: (value, place) => put({ retry: { budgetAtLeast: readCount(place, value, 0) } }),
    get: (spec) => of(spec)?.retry.budgetAtLeast,
  },
});

export const queueFields = ({ put, of }: PoolAt): Table => ({
  size: {
    type: count,
    doc: 'How many requests may wait for an upstream, as during a restart; 0: none. One more gets 503.',
    default: 1024,
    examples: [100, 0],
    read: (value, place) => put({ queue: { size: readCount(place, value, 0) } }),
    get: (spec) => of(spec)?.queue.size,
  },
  timeout: {
    type: duration,
    doc: 'How long each may wait. Then it gets 503 with Retry-After.',
    default: '5s',
    examples: ['30s'],
    read: (value, place) => put({ queue: { timeoutMs: readDuration(place, value) } }),
    get: (spec) => (of(spec) === undefined ? undefined : writeDuration(of(spec)?.queue.timeoutMs ?? 0)),
  },
});

export const timeoutFields = ({ put, of }: PoolAt): Table => {
  const shown = (pick: (pool: PoolSettings) => number) => (spec: AppSpec) => {
    const pool = of(spec);
    return pool === undefined ? undefined : writeDuration(pick(pool));
  };
  return {
    connect: {
      type: duration,
      doc: 'How long a connection to an upstream may take.',
      default: '2s',
      examples: ['500ms'],
      read: (value, place) => put({ connectTimeoutMs: readDuration(place, value) }),
      get: shown(({ connectTimeoutMs }) => connectTimeoutMs),
    },
    response: {
      type: duration,
      doc: "From a request's last byte to the head of the response.",
      default: '60s',
      examples: ['10s'],
      read: (value, place) => put({ responseTimeoutMs: readDuration(place, value) }),
      get: shown(({ responseTimeoutMs }) => responseTimeoutMs),
    },
    idle: {
      type: duration,
      doc: 'How long a body or a response may not move.',
      default: '60s',
      examples: ['5m'],
      read: (value, place) => put({ idleTimeoutMs: readDuration(place, value) }),
      get: shown(({ idleTimeoutMs }) => idleTimeoutMs),
    },
    tunnel: {
      type: durationLimit,
      doc: 'How long a WebSocket may be without a byte.',
      default: '1h',
      examples: ['none'],
      read: (value, place) => put({ tunnelTimeoutMs: readDurationLimit(place, value) }),
      get: (spec) => {
        const pool = of(spec);
        return pool === undefined ? undefined : writeLimit(pool.tunnelTimeoutMs);
      },
    },
  };
};

export const healthFields = ({ put, of }: PoolAt): Table => {
  const health = (spec: AppSpec): ActiveHealth | undefined => of(spec)?.activeHealth ?? undefined;
  return {
    kind: {
      type: oneOf('http', 'tcp'),
      doc: 'A request, or only a connection.',
      default: 'http',
      examples: ['tcp'],
      read: (value, place) => put({ activeHealth: { kind: readOneOf(place, value, ['http', 'tcp']) } }),
      get: (spec) => health(spec)?.kind,
    },
    path: {
      type: text,
      doc: 'What is asked for.',
      default: '/',
      examples: ['/healthz'],
      read: (value, place) => put({ activeHealth: { path: readPath(place, value) } }),
      get: (spec) => health(spec)?.path,
    },
    method: {
      type: oneOf('GET', 'HEAD'),
      doc: 'How.',
      default: 'GET',
      examples: ['HEAD'],
      read: (value, place) => put({ activeHealth: { method: readOneOf(place, value, ['GET', 'HEAD']) } }),
      get: (spec) => health(spec)?.method,
    },
    status: {
      type: either(count, text, {
        ts: 'readonly (number | string)[]',
        schema: { type: 'array', items: { type: ['string', 'integer'] } },
      }),
      doc: 'Statuses that mean well: codes, ranges, `2xx`.',
      default: '200-399',
      examples: [204, '2xx', [200, '300-399']],
      read: (value, place) => put({ activeHealth: { expectStatus: readStatuses(place, value) } }),
      get: (spec) => {
        const expected = health(spec)?.expectStatus;
        return expected && writeStatuses(expected);
      },
    },
    body: {
      type: text,
      doc: 'Text that the first 64 KiB of the body must have in them.',
      defaultText: 'any body',
      examples: ['ok'],
      read: (value, place) => put({ activeHealth: { expectBody: readText(place, value, 'text', 'ok') } }),
      get: (spec) => health(spec)?.expectBody,
    },
    interval: {
      type: duration,
      doc: 'How often, with some jitter.',
      default: '2s',
      examples: ['10s'],
      read: (value, place) => put({ activeHealth: { intervalMs: readDuration(place, value) } }),
      get: (spec) => health(spec) && writeDuration(health(spec)?.intervalMs ?? 0),
    },
    timeout: {
      type: duration,
      doc: 'How long a check may take.',
      default: '2s',
      examples: ['500ms'],
      read: (value, place) => put({ activeHealth: { timeoutMs: readDuration(place, value) } }),
      get: (spec) => health(spec) && writeDuration(health(spec)?.timeoutMs ?? 0),
    },
    fall: {
      type: count,
      doc: 'So many failures in a row take an upstream out.',
      default: 3,
      examples: [2],
      read: (value, place) => put({ activeHealth: { fall: readCount(place, value, 1) } }),
      get: (spec) => health(spec)?.fall,
    },
    rise: {
      type: count,
      doc: 'So many successes in a row bring it back.',
      default: 2,
      examples: [1],
      read: (value, place) => put({ activeHealth: { rise: readCount(place, value, 1) } }),
      get: (spec) => health(spec)?.rise,
    },
  };
};

export const ejectionFields = ({ put, of }: PoolAt): Table => {
  const passive = (spec: AppSpec): PassiveHealth | undefined => of(spec)?.passiveHealth ?? undefined;
  return {
    failures: {
      type: count,
      doc: 'So many failures in a row (no connection, broken answers, 502, 503, 504) take an upstream out.',
      default: 5,
      examples: [3],
      read: (value, place) => put({ passiveHealth: { failures: readCount(place, value, 1) } }),
      get: (spec) => passive(spec)?.failures,
    },
    errorRate: {
      type: share,
      doc: 'A share of failures that does so too.',
      default: 0.85,
      examples: [0.5, '50%'],
      read: (value, place) => put({ passiveHealth: { errorRate: readShare(place, value) } }),
      get: (spec) => passive(spec)?.errorRate,
    },
    minimumRequests: {
      type: count,
      doc: 'How many requests it takes to speak of a share.',
      default: 100,
      examples: [20],
      read: (value, place) => put({ passiveHealth: { minimumRequests: readCount(place, value, 1) } }),
      get: (spec) => passive(spec)?.minimumRequests,
    },
    window: {
      type: duration,
      doc: 'Over how long the share is counted.',
      default: '10s',
      examples: ['30s'],
      read: (value, place) => put({ passiveHealth: { windowMs: readDuration(place, value) } }),
      get: (spec) => passive(spec) && writeDuration(passive(spec)?.windowMs ?? 0),
    },
    time: {
      type: duration,
      doc: 'For how long it is out the first time; each further time in a row is longer, up to ten times.',
      defaultText: '`1s` for workers of this Skein, `10s` for others',
      examples: ['30s'],
      read: (value, place) => put({ passiveHealth: { ejectMs: readDuration(place, value) } }),
      get: (spec) => passive(spec) && writeDuration(passive(spec)?.ejectMs ?? 0),
    },
    most: {
      type: share,
      doc: 'Never more than this share of the upstreams at the same time, so that one bad URL cannot empty a pool.',
      default: 0.5,
      examples: [0.1],
      read: (value, place) => put({ passiveHealth: { maxEjected: readShare(place, value) } }),
      get: (spec) => passive(spec)?.maxEjected,
    },
  };
};
