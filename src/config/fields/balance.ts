/** Requests spread over the workers of an app one by one, and balancers for several apps and machines. */
import type { BalancePatch } from '../../protocol/balance-patch.ts';
import type { AppConfig } from '../app-config.ts';
import { isUrl, writeUpstream } from '../balance/address.ts';
import type { BalancerDraft, WrittenPool } from '../balance/balancer-draft.ts';
import { readTls, tlsType } from '../balance/certificates.ts';
import { readListen, readRoutes, readUpstreams } from '../balance/routes.ts';
import { policies, readPolicy } from '../balance/values.ts';
import type { Draft, ReadContext, Table, TableOf } from '../field.ts';
import { either, flag, oneOf, onlyObject, text, texts } from '../field-types.ts';
import { resolveInstances } from '../instances.ts';
import { readName } from '../app-name.ts';
import type { Place } from '../place.ts';
import { readFieldsOf } from '../read-fields.ts';
import { badValue, readFlag } from '../values.ts';
import { frontFields } from './front.ts';
import { poolFields } from './pool.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withBalance = (balance: BalancePatch): Draft => ({ balance });

const balance: Table = {
  ...poolFields({
    put: (pool) => withBalance({ pool }),
    of: (spec) => spec.balance?.pool,
    byFlag: { option: '--balance-by <key>', summary: 'with --balance hash: header:x-user, cookie:sid, …' },
    stickyFlag: {
      option: '--sticky [by]',
      summary: 'sessions stay: cookie (the default), cookie:<name>, header:<name>, …',
    },
  }),
  ...frontFields({
    put: (front) => withBalance({ front }),
    of: (spec) => spec.balance?.front ?? undefined,
    trustFlag: {
      option: '--trust <network>',
      summary: 'with --balance: proxies in front, e.g. 10.0.0.0/8; repeatable',
      repeatable: true,
    },
  }),
  workers: {
    type: either({ ts: 'number', schema: { type: 'integer', minimum: 1, maximum: 1024 } }, text),
    doc: 'How many processes the balancer has: a number, `max`, `50%`. Each makes its choices alone, so more only pay when one has too much to do.',
    default: 1,
    examples: [2, 'max'],
    read: (value, place, { cpus }) =>
      withBalance({
        front: { workers: resolveInstances(String(value), { cpus, current: null }, place) },
      }),
    get: (spec) => spec.balance?.front?.workers,
  },
  tls: {
    type: tlsType,
    doc: 'Clients come over TLS: `cert` and `key` name PEM files, which are read again when they change. HTTP/2 is offered too ([tls.md](tls.md)).',
    defaultText: 'none',
    examples: [{ cert: 'fullchain.pem', key: 'privkey.pem' }],
    read: (value, place, { cwd }) => withBalance({ front: { tls: readTls(place, value, cwd) } }),
    get: (spec) => spec.balance?.front?.tls,
  },
  front: {
    type: flag,
    doc: '`false`: no balancer of its own; only routes of other balancers lead to the app ([routing.md](routing.md)).',
    default: true,
    examples: [false],
    read: (value, place) => withBalance({ fronted: readFlag(place, value) }),
    get: (spec) => spec.balance && spec.balance.front !== null,
  },
};

const withBalancer = (balancer: BalancerDraft): Draft => ({ balancer });

/** Of one pool of a balancer, in whose draft it then is as if it were for all. */
const ofPools: Table = poolFields({ put: (pool) => withBalancer({ pool }), of: () => undefined });

const placeWithin = (place: Place, { within }: ReadContext) => within ?? (() => place);

const readPools = (value: unknown, place: Place, context: ReadContext): Record<string, WrittenPool> => {
  const at = placeWithin(place, context);
  if (!isObject(value))
    throw badValue(place, value, 'an object of pools', "{ api: { to: ['http://10.0.0.7:3000'] } }");
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => {
      const { to, ...settings } = isObject(own) ? own : { to: own };
      const inner = (path: readonly (string | number)[]) => at([name, ...path]);
      if (to === undefined)
        throw badValue(inner([]), own, 'a pool with to', "{ to: ['http://10.0.0.7:3000'] }");
      const draft = readFieldsOf(ofPools, settings, inner, context);
      return [
        readName(name, inner([])),
        {
          to: readUpstreams(to, (path) => inner(isObject(own) ? ['to', ...path] : path)),
          pool: draft.balancer?.pool ?? {},
        },
      ];
    }),
  );
};

const upstreamTs = 'string | readonly (string | UpstreamConfig)[]';
const upstreamSchema = {
  anyOf: [
    { type: 'string' },
    {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            properties: {
              url: { type: 'string' },
              weight: { type: 'number', minimum: 0 },
              backup: { type: 'boolean' },
            },
            required: ['url'],
            additionalProperties: false,
          },
        ],
      },
    },
  ],
} as const;

const routeSchema = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      properties: {
        match: { type: 'string' },
        to: upstreamSchema,
        redirect: { type: 'string' },
        respond: { type: ['string', 'integer'] },
        status: { type: 'integer', minimum: 200, maximum: 599 },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        strip: { type: ['boolean', 'string'] },
        add: { type: 'string' },
        rate: { type: ['string', 'boolean', 'null'] },
      },
      additionalProperties: false,
    },
  ],
} as const;

/** Settings that `balance` has too stand there on the page. */
const unlisted = (table: Table): Table =>
  Object.fromEntries(Object.entries(table).map(([name, field]) => [name, { ...field, listed: false }]));

const balancer: Table = {
  listen: {
    type: either(texts, {
      ts: 'readonly (string | ListenConfig)[]',
      schema: {
        type: 'array',
        items: {
          anyOf: [
            { type: 'string' },
            {
              type: 'object',
              properties: {
                address: { type: 'string' },
                tls: tlsType.schema,
                proxyProtocol: { type: 'boolean' },
              },
              required: ['address'],
              additionalProperties: false,
            },
          ],
        },
      },
    }),
    doc: 'Where it listens: addresses with ports, or `unix:` and an absolute path. Each may have its own `tls` and `proxyProtocol`.',
    defaultText: 'required',
    examples: [
      '127.0.0.1:8080',
      ['0.0.0.0:80', '[::]:80'],
      [{ address: '0.0.0.0:8080', proxyProtocol: true }],
    ],
    read: (value, place, context) =>
      withBalancer({ listen: readListen(value, placeWithin(place, context), context.cwd) }),
    get: (spec) => spec.balancer?.listen.map(({ address }) => address),
  },
  to: {
    type: { ts: upstreamTs, schema: upstreamSchema },
    doc: 'Where requests go that no route is for: `http://`, `https://` or `unix:` and an address. A `weight` is a share, a `backup` serves when no other can.',
    defaultText: 'nowhere: 404',
    examples: ['http://127.0.0.1:3000', ['http://10.0.0.7:3000', { url: 'http://10.0.0.8:3000', weight: 2 }]],
    read: (value, place, context) => withBalancer({ to: readUpstreams(value, placeWithin(place, context)) }),
  },
  routes: {
    type: {
      ts: 'string | readonly (string | RouteConfig)[]',
      schema: { anyOf: [{ type: 'string' }, { type: 'array', items: routeSchema }] },
    },
    doc: 'Which requests go where, in whatever order: the most specific route counts ([routing.md](routing.md)).',
    default: [],
    examples: [
      ['api.example.com/v1/* -> api strip', '/ -> web'],
      [
        '/legacy -> http://10.0.0.7:3000,http://10.0.0.8:3000',
        '/old -> redirect:308 https://example.com{path}{query}',
      ],
      [
        { match: 'POST /upload', to: 'uploads', rate: '10/s' },
        { match: '/health', respond: 'ok' },
      ],
    ],
    read: (value, place, context) => withBalancer({ routes: readRoutes(value, placeWithin(place, context)) }),
    get: (spec) => spec.balancer?.routes.map(({ text: route }) => route),
  },
  pools: {
    type: {
      ts: 'Readonly<Record<string, string | PoolConfig>>',
      schema: {
        type: 'object',
        additionalProperties: { anyOf: [{ type: 'string' }, { $ref: '#/definitions/PoolConfig' }] },
      },
    },
    doc: 'Servers that are no apps of this Skein, by names that routes can use. Each has `to` and settings of its own.',
    default: {},
    examples: [{ reports: { to: ['http://10.0.0.7:3000'], health: '/healthz' } }],
    read: (value, place, context) => withBalancer({ pools: readPools(value, place, context) }),
    get: (spec) =>
      spec.balancer &&
      Object.fromEntries(
        Object.entries(spec.balancer.pools)
          .filter(([name]) => !isUrl(name))
          .map(([name, { to }]) => [name, to.map(({ address }) => writeUpstream(address))]),
      ),
  },
  tls: {
    type: tlsType,
    doc: 'Clients come over TLS on all addresses that say nothing else; several certificates are for several names (SNI) ([tls.md](tls.md)).',
    defaultText: 'none',
    examples: [{ cert: 'fullchain.pem', key: 'privkey.pem' }],
    read: (value, place, { cwd }) => withBalancer({ tls: readTls(place, value, cwd) }),
  },
  proxyProtocol: {
    type: flag,
    doc: 'Connections begin with a header of the PROXY protocol, which only those in `trust` may send.',
    default: false,
    examples: [true],
    read: (value, place) => withBalancer({ proxyProtocol: readFlag(place, value) }),
  },
  ...unlisted(poolFields({ put: (pool) => withBalancer({ pool }), of: () => undefined })),
  ...unlisted(
    frontFields({ put: (front) => withBalancer({ front }), of: (spec) => spec.balancer ?? undefined }),
  ),
};

/** The interface and the definition of one of `pools`. */
export const poolTable: Table = {
  to: { ...balancer['to'], defaultText: 'required' } as Table[string],
  ...unlisted(ofPools),
};

export const balanceFields: TableOf<Pick<AppConfig, 'balance' | 'balancer'>> = {
  balance: {
    type: either(flag, oneOf(...policies)),
    doc: 'A balancer takes the public addresses of the app and gives each request to a worker: a policy, or an object ([balancing.md](balancing.md)). For HTTP servers.',
    default: false,
    examples: [true, 'least-connections', { policy: 'hash', by: 'header:x-user' }],
    flag: {
      option: '--balance <policy>',
      summary: 'requests, not connections, to workers: least-connections, hash, … or none',
    },
    read: (value, place) => {
      if (value === false || value === 'none' || value === 'off') return { balance: null };
      return withBalance(value === true ? {} : { pool: { policy: { name: readPolicy(place, value) } } });
    },
    get: (spec) => spec.balance !== null,
    on: withBalance({}),
    fields: balance,
    interfaceName: 'BalanceConfig',
  },
  balancer: {
    type: onlyObject,
    doc: 'Instead of `script`: the app is a balancer, for apps of this Skein and for other servers ([routing.md](routing.md)). What `balance` has, other than `workers` and `front`, it has too, for all its pools.',
    defaultText: 'none',
    examples: [{ listen: '127.0.0.1:8080', to: ['http://127.0.0.1:3000', 'http://127.0.0.1:3001'] }],
    read: (value, place) => {
      throw badValue(
        place,
        value,
        'an object that describes a balancer',
        "{ listen: '127.0.0.1:8080', routes: ['/ -> web'] }",
      );
    },
    on: withBalancer({}),
    fields: balancer,
    interfaceName: 'BalancerConfig',
  },
};
