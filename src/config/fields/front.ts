/** What all listeners and routes of a balancer have in common: settings of `balance` and of `balancer`. */
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { FrontSettings, Limits } from '../../protocol/balance.ts';
import type { FrontPatch } from '../../protocol/balance-patch.ts';
import { readNetwork } from '../balance/address.ts';
import { isToken } from '../balance/key-source.ts';
import { readRate, writeRate } from '../balance/values.ts';
import type { Draft, Field, FieldType, Flag, Table } from '../field.ts';
import {
  count,
  countLimit,
  duration,
  either,
  flag,
  none,
  oneOf,
  size,
  sizeLimit,
  text,
  texts,
} from '../field-types.ts';
import type { Place } from '../place.ts';
import {
  badValue,
  readCount,
  readCountLimit,
  readDuration,
  readFlag,
  readOneOf,
  readSizeLimit,
  readText,
} from '../values.ts';
import { writeDuration, writeSize } from '../write-values.ts';

/** Where these settings go, and where they are in a whole spec. */
export interface FrontAt {
  readonly put: (patch: FrontPatch) => Draft;
  readonly of: (spec: AppSpec) => FrontSettings | undefined;
  /** `--trust`, where there is a flag. */
  readonly trustFlag?: Flag;
}

const readSize = (place: Place, value: unknown): number => {
  const bytes = readSizeLimit(place, value);
  if (bytes === null) throw badValue(place, value, 'a size', '16KiB');
  return bytes;
};

const limitOf = (place: Place, value: unknown): number | null => {
  const limit = readCountLimit(place, value);
  if (limit === 0) throw badValue(place, value, 'a number from 1 on, or none', '100');
  return limit;
};

/** One limit: how it is written, read and shown. */
const limitField =
  ({ put, of }: FrontAt) =>
  <Key extends keyof Limits>(
    key: Key,
    type: FieldType,
    doc: string,
    byDefault: unknown,
    example: unknown,
    read: (place: Place, value: unknown) => Limits[Key],
    write: (value: Limits[Key]) => unknown,
  ): Field => ({
    type,
    doc,
    default: byDefault,
    examples: [example],
    read: (value, place) => put({ limits: { [key]: read(place, value) } }),
    get: (spec) => {
      const limits = of(spec)?.limits;
      return limits && write(limits[key]);
    },
  });

const orNone = (value: number | null): number | string => value ?? 'none';
const same = (value: number): number => value;

const limitFields = (at: FrontAt): Table => {
  const limit = limitField(at);
  return {
    headerSize: limit(
      'headerBytes',
      size,
      "Of a request's line and headers together.",
      '16KiB',
      '32KiB',
      readSize,
      writeSize,
    ),
    headerCount: limit(
      'headerCount',
      count,
      'How many headers a request may have.',
      100,
      200,
      (place, value) => readCount(place, value, 1),
      same,
    ),
    headerTimeout: limit(
      'headerTimeoutMs',
      duration,
      'From the first byte of a connection or a request to the end of its headers.',
      '10s',
      '5s',
      readDuration,
      writeDuration,
    ),
    bodyTimeout: limit(
      'bodyTimeoutMs',
      duration,
      'Between two pieces of the body of a request.',
      '30s',
      '10s',
      readDuration,
      writeDuration,
    ),
    bodyRate: limit(
      'bodyBytesPerSecond',
      size,
      'The least of a body per second, over its whole length.',
      240,
      '1KiB',
      readSize,
      writeSize,
    ),
    bodySize: limit(
      'bodyBytes',
      sizeLimit,
      'Longer bodies get 413.',
      'none',
      '10MiB',
      readSizeLimit,
      writeSize,
    ),
    keepAliveTimeout: limit(
      'keepAliveTimeoutMs',
      duration,
      'How long a connection may be without a request.',
      '75s',
      '20s',
      readDuration,
      writeDuration,
    ),
    keepAliveRequests: limit(
      'keepAliveRequests',
      countLimit,
      'Requests over one connection.',
      'none',
      1000,
      limitOf,
      orNone,
    ),
    connections: limit(
      'connections',
      countLimit,
      'Connections in each worker of the balancer.',
      'none',
      20_000,
      limitOf,
      orNone,
    ),
    connectionsPerAddress: limit(
      'connectionsPerAddress',
      countLimit,
      'Connections from one address.',
      'none',
      100,
      limitOf,
      orNone,
    ),
    rate: limit(
      'rate',
      either(text, { ts: "'none' | false | null", schema: none }),
      'Requests in a time, how many may come at once, and of whom (`address`, `header:<name>`, …); more get 429.',
      'none',
      '600/m burst 50 by header:x-user',
      readRate,
      writeRate,
    ),
  };
};

const readRequestId = (place: Place, value: unknown): string | null => {
  if (value === false || value === null || value === 'none') return null;
  if (typeof value === 'string' && isToken(value)) return value.toLowerCase();
  throw badValue(place, value, 'the name of a header, or none', 'x-request-id');
};

const readPseudonym = (place: Place, value: unknown): string => {
  if (typeof value === 'string' && isToken(value) && value.length <= 64) return value;
  throw badValue(place, value, 'a name of letters, digits and - _ .', 'edge-1');
};

export const frontFields = (at: FrontAt): Table => {
  const { put, of, trustFlag } = at;
  return {
    trust: {
      type: texts,
      doc: 'Addresses and networks of proxies in front, whose X-Forwarded-*, Forwarded and PROXY headers count ([balancing.md](balancing.md#behind-other-proxies)).',
      default: [],
      examples: [['10.0.0.0/8', '::1'], '127.0.0.1'],
      ...(trustFlag && { flag: trustFlag }),
      read: (value, place) =>
        put({
          trust: (Array.isArray(value) ? (value as unknown[]) : [value])
            .flatMap((one) => (typeof one === 'string' ? one.split(',') : [one]))
            .map((one) => readNetwork(place, one)),
        }),
      get: (spec) => of(spec)?.trust,
    },
    limits: {
      type: { ts: 'never', schema: {} },
      doc: 'What protects against slow, large and many requests.',
      defaultText: 'see below',
      examples: [{ bodySize: '10MiB', connectionsPerAddress: 100 }],
      read: (value, place) => {
        throw badValue(place, value, 'an object of limits', '{ bodySize: "10MiB" }');
      },
      fields: limitFields(at),
      interfaceName: 'LimitsConfig',
    },
    accessLog: {
      type: oneOf('off', 'combined', 'json'),
      doc: 'A line for each request, in the log of the balancer.',
      default: 'off',
      examples: ['combined', 'json'],
      read: (value, place) =>
        put({
          accessLog: {
            format: value === false ? 'off' : readOneOf(place, value, ['off', 'combined', 'json']),
          },
        }),
      get: (spec) => of(spec)?.accessLog.format,
    },
    requestId: {
      type: either(text, { ts: "'none' | false | null", schema: none }),
      doc: 'The header with an id of each request; one from a trusted proxy is kept.',
      default: 'x-request-id',
      examples: ['x-correlation-id', false],
      read: (value, place) => put({ requestId: readRequestId(place, value) }),
      get: (spec) => of(spec) && (of(spec)?.requestId ?? 'none'),
    },
    forwarded: {
      type: flag,
      doc: 'Send `Forwarded` (RFC 7239) too, beside X-Forwarded-*.',
      default: false,
      examples: [true],
      read: (value, place) => put({ forwarded: readFlag(place, value) }),
      get: (spec) => of(spec)?.forwarded,
    },
    pseudonym: {
      type: text,
      doc: 'What it calls itself in `Via` and in Forwarded. A request that comes to the same name again goes in a circle and is refused.',
      defaultText: '`skein-` and eight letters of its own',
      examples: ['edge-1'],
      read: (value, place) =>
        put({ pseudonym: readPseudonym(place, readText(place, value, 'a name', 'edge-1')) }),
      get: (spec) => of(spec)?.pseudonym || undefined,
    },
    closeTunnels: {
      type: count,
      doc: 'Tunnels that a drain ends, at most so many per second.',
      default: 500,
      examples: [100],
      read: (value, place) => put({ closeTunnelsPerSecond: readCount(place, value, 1) }),
      get: (spec) => of(spec)?.closeTunnelsPerSecond,
    },
  };
};
