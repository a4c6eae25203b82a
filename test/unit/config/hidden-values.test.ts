import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  SecretBook,
  hiddenVariables,
  missingValues,
  missingVariables,
  rememberMissing,
  withSecrets,
} from '../../../src/config/hidden-values.ts';
import type { ApplyApp } from '../../../src/protocol/control.ts';
import { appSpec } from '../support/app-spec.ts';

const spec = appSpec({
  source: '/srv/skein.config.ts',
  env: { DB_PASSWORD: 'P-1', PORT: '3000' },
  shellEnv: { API_TOKEN: 'T-1', HOME: '/home/a', DATABASE_URL: 'postgres://u:P-1@h/d' },
});

/** Through a file and back. */
const parsed = (text: string): unknown => JSON.parse(text) as unknown;

test('a secret is replaced wherever a spec is, and found again', () => {
  const book = new SecretBook();
  const state = {
    apps: [{ current: { number: 2, spec }, underWay: { change: { back: { current: { spec } } } } }],
  };
  const text = book.stringify(state);
  assert.doesNotMatch(text, /P-1|T-1/);
  assert.match(text, /3000/);
  assert.deepEqual(withSecrets(parsed(text), book.takeUsed()), parsed(JSON.stringify(state)));
});

test('the same value has the same reference, also under the next supervisor', () => {
  const first = new SecretBook();
  const text = first.stringify({ spec });
  const next = new SecretBook(first.takeUsed());
  assert.equal(next.stringify({ spec: structuredClone(spec) }), text);
});

test('with saveSecrets everything is written', () => {
  const text = new SecretBook().stringify({ spec: { ...spec, saveSecrets: true } });
  assert.match(text, /"P-1"/);
  assert.match(text, /"T-1"/);
});

test('references of the file before are still known while it may be read', () => {
  const book = new SecretBook();
  const before = book.stringify({ spec });
  book.takeUsed();
  book.stringify({ spec: { ...spec, env: { DB_PASSWORD: 'p2' } } });
  const known = book.takeUsed();
  assert.deepEqual(missingVariables((withSecrets(parsed(before), known) as { spec: typeof spec }).spec), []);
  book.stringify({ spec: { ...spec, env: { DB_PASSWORD: 'p2' } } });
  assert.ok(!Object.values(book.takeUsed()).includes('P-1'), 'then it is forgotten');
});

test('without the values the variables are left out, named, and not forgotten', () => {
  const text = new SecretBook().stringify({ spec });
  const back = (withSecrets(parsed(text), {}) as { spec: typeof spec }).spec;
  assert.deepEqual(back.env, { PORT: '3000', ...symbolsOf(back.env) });
  assert.deepEqual(Object.keys(back.shellEnv), ['HOME']);
  assert.deepEqual(missingVariables(back), ['API_TOKEN', 'DATABASE_URL', 'DB_PASSWORD']);
  // A patch makes another environment out of it, and the file names them still.
  const patched = { ...back, env: { ...back.env, COLOUR: 'red' } };
  const idsIn = (file: string): string[] => hiddenVariables(parsed(file)).map(({ id }) => id);
  assert.deepEqual(idsIn(new SecretBook().stringify({ spec: patched })), idsIn(text));
  // Nor is it over the control API, whose requests are JSON.
  const missing = missingValues(back);
  assert.ok(missing);
  const sent = JSON.parse(JSON.stringify({ spec: back, autostart: true, missing })) as ApplyApp;
  assert.deepEqual(idsIn(new SecretBook().stringify(rememberMissing(sent))), idsIn(text));
  assert.equal(missingValues(spec), undefined);
  const given = { ...back, env: { ...back.env, DB_PASSWORD: 'p3' } };
  assert.deepEqual(missingVariables(given), ['API_TOKEN', 'DATABASE_URL']);
});

const symbolsOf = (env: object): object =>
  Object.fromEntries(Object.getOwnPropertySymbols(env).map((symbol) => [symbol, Reflect.get(env, symbol)]));

test('what a file lacks is listed with where it may be found', () => {
  const list = hiddenVariables(parsed(new SecretBook().stringify([{ spec }, { spec: null }, 'x'])));
  assert.deepEqual(
    list.map(({ id: _, ...rest }) => rest),
    [
      {
        app: 'api',
        source: '/srv/skein.config.ts',
        name: 'DB_PASSWORD',
        from: 'env',
        beside: { PORT: '3000' },
      },
      {
        app: 'api',
        source: '/srv/skein.config.ts',
        name: 'API_TOKEN',
        from: 'shellEnv',
        beside: { PORT: '3000' },
      },
      {
        app: 'api',
        source: '/srv/skein.config.ts',
        name: 'DATABASE_URL',
        from: 'shellEnv',
        beside: { PORT: '3000' },
      },
    ],
  );
});

for (const garbage of [null, 1, 'x', [], {}, { env: 1, shellEnv: null, saveSecrets: 3 }])
  test(`garbage has none: ${JSON.stringify(garbage)}`, () => {
    assert.deepEqual(hiddenVariables(garbage), []);
    assert.doesNotThrow(() => withSecrets(garbage, {}));
  });
