import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateUrl } from '../../../src/state/state-url.ts';
import { parseStateUrl } from '../../../src/state/state-url.ts';

const redis = (label: string, more: object): StateUrl =>
  ({ engine: 'redis', address: { label, tls: false, database: 0, ...more } }) as StateUrl;

const readings: readonly (readonly [string, StateUrl])[] = [
  ['memory:', { engine: 'memory' }],
  ['memory://', { engine: 'memory' }],
  ['embedded:', { engine: 'embedded', address: {} }],
  ['embedded:?store=my%20shop', { engine: 'embedded', address: { store: 'my shop' } }],
  [
    'embedded:%2Fhome%2Fa%3Fb%2Fstate.sock?store=shop',
    { engine: 'embedded', address: { path: '/home/a?b/state.sock', store: 'shop' } },
  ],
  ['embedded:/run/state.sock', { engine: 'embedded', address: { path: '/run/state.sock' } }],
  ['redis://db', redis('Redis at db', { kind: 'single', nodes: [{ host: 'db', port: 6379 }] })],
  [
    'rediss://ada:p%40ss@db:7000/3',
    redis('Redis at db:7000', {
      kind: 'single',
      username: 'ada',
      password: 'p@ss',
      tls: true,
      database: 3,
      nodes: [{ host: 'db', port: 7000 }],
    }),
  ],
  [
    'redis://:secret@[::1]:7000',
    redis('Redis at [::1]:7000', {
      kind: 'single',
      password: 'secret',
      nodes: [{ host: '::1', port: 7000 }],
    }),
  ],
  [
    'redis+sentinel://a,b:26380/main/2',
    redis('Redis at a,b:26380', {
      kind: 'sentinel',
      name: 'main',
      database: 2,
      nodes: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
      ],
    }),
  ],
  [
    'redis+cluster://a:1,b:2',
    redis('Redis at a:1,b:2', {
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    }),
  ],
  [
    'redis+unix:///run/redis.sock',
    redis('Redis at /run/redis.sock', { kind: 'unix', path: '/run/redis.sock', nodes: [] }),
  ],
  [
    'memcached://a,b:1',
    {
      engine: 'memcached',
      address: {
        nodes: [
          { host: 'a', port: 11211 },
          { host: 'b', port: 1 },
        ],
      },
    },
  ],
];

for (const [text, expected] of readings) {
  test(`reads ${text}`, () => {
    assert.deepEqual(parseStateUrl(text), expected);
  });
}

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /no such engine/],
  ['mongodb://db', /no such engine/],
  ['redis://', /names no host/],
  ['redis://a,b', /several hosts/],
  ['redis://db:0', /not host:port/],
  ['redis://db:99999', /not host:port/],
  ['redis://db/x', /database x/],
  ['redis://%zz:x@db', /not encoded/],
  ['redis+sentinel://a', /which master/],
  ['redis+cluster://a/1', /no databases/],
  ['redis+unix://redis.sock', /not absolute/],
  ['memory:64M', /nothing behind/],
  ['memcached://', /names no host/],
  ['embedded:relative', /not absolute/],
  ['embedded:%zz', /path in it is not encoded/],
  ['embedded:/a?stor=x', /followed by a path/],
  ['embedded:?store=', /followed by a path/],
];

for (const [text, message] of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseStateUrl(text), { code: 'E_STATE_ENGINE', message });
  });
}

test('a password is never in a message', () => {
  for (const text of ['redis://ada:secret@db:x', 'mysql://ada:secret@db', 'redis://a:secret@b@c:x'])
    assert.throws(
      () => parseStateUrl(text),
      (error: Error) => !error.message.includes('secret'),
    );
});
