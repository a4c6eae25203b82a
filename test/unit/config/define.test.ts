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
    // @ts-expect-error: deeper
    defineConfig(() => ({ apps: [{ script: 'a.js', logs: { rotate: { sise: 3 } } }] })),
  ];
  assert.equal(wrong.length, 5);
});
