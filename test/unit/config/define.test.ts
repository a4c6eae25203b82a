/** The types that a config file's editor knows. What is wrong here fails to compile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineConfig } from '../../../src/entry/config-api.ts';
import type { AppConfig } from '../../../src/entry/config-api.ts';

test('every form of a config, in both spellings', () => {
  const app: AppConfig = { script: './a.js', killTimeout: '3s', logs: { rotate: { every: '1d' } } };
  const configs = [
    defineConfig(app),
    defineConfig([app, { script: 'b.js', kill_timeout: 3, env_production: { A: 1, B: null } }]),
    defineConfig({
      apps: [{ script: 'c.js', env_file: ['.env'], depends_on: { b: { condition: 'started' } } }],
    }),
    defineConfig(({ profile }) => ({ apps: [{ script: profile ?? 'a.js', instances: 'max' }] })),
    defineConfig(async () => await Promise.resolve([app])),
    defineConfig([
      {
        script: 'a.js',
        balance: {
          policy: 'hash',
          by: 'path:0',
          sticky: 'cookie',
          retry: false,
          split: { key: 'jwt:sub', groups: { a: 0 } },
        },
      },
      { script: 'b.js', balance: 'least-time', drain_timeout: '5s' },
      {
        name: 'edge',
        balancer: {
          listen: ['[::]:80', { address: '[::]:443', tls: { cert: 'c.pem', key: 'k.pem' } }],
          routes: [
            '/ -> web',
            { match: '/x', to: [{ url: 'http://a', weight: 2 }], strip: true },
            { respond: 404 },
          ],
          pools: { a: 'http://a', b: { to: ['http://b'], health: { path: '/h', status: '2xx' } } },
          limits: { bodySize: '10M' },
        },
      },
    ]),
  ];
  assert.equal(configs[0], app);
});

test('what no config can have does not compile', () => {
  const wrong = [
    // @ts-expect-error: a setting that is not there
    defineConfig({ script: 'a.js', kilTimeout: 3 }),
    // @ts-expect-error: a value of another type
    defineConfig({ apps: [{ script: 'a.js', autorestart: 'yes' }] }),
    // @ts-expect-error: one of few
    defineConfig({ apps: [{ script: 'a.js', accept: 'both' }] }),
    // @ts-expect-error: no script
    defineConfig([{ name: 'api' }]),
    // @ts-expect-error: a script and a balancer
    defineConfig([{ script: 'a.js', balancer: { listen: '[::]:80', to: 'http://a' } }]),
    // @ts-expect-error: a balancer that listens nowhere
    defineConfig([{ balancer: { routes: ['/ -> web'] } }]),
    // @ts-expect-error: no policy
    defineConfig([{ script: 'a.js', balance: 'fastest' }]),
    // @ts-expect-error: of an app, not of a balancer
    defineConfig([{ balancer: { listen: '[::]:80', to: 'http://a', workers: 3 } }]),
    // @ts-expect-error: no setting of a route
    defineConfig([{ balancer: { listen: '[::]:80', routes: [{ match: '/', too: 'a' }] } }]),
    // @ts-expect-error: deeper
    defineConfig(() => ({ apps: [{ script: 'a.js', logs: { rotate: { sise: 3 } } }] })),
  ];
  assert.equal(wrong.length, 10);
});
