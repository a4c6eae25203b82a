/** What a worker sees is what it would see in plain Node. */
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { get, getJson } from '../support/http.ts';
import { freePort } from '../support/ports.ts';
import { fixture, plainEnv, withSkein } from '../support/skein.ts';

interface Seen {
  readonly env: Record<string, string>;
  readonly argv: string[];
  readonly execArgv: string[];
  readonly execPath: string;
  readonly cwd: string;
  readonly isWorker: boolean;
  readonly node: string;
}

const own = ['NODE_APP_INSTANCE', 'SKEIN_APP', 'SKEIN_GENERATION', 'SKEIN_SLOT', 'SKEIN_STATE'];

for (const instances of ['1', '2']) {
  test(
    `the environment is that of the start command, and nothing more (-i ${instances})`,
    { timeout: 60_000 },
    () =>
      withSkein(async (skein) => {
        const [first, second] = [await freePort(), await freePort()];
        await skein.ok(['start', fixture('prints-env.js'), '-n', 'first', '-i', instances], {
          env: { PORT: String(first), ONLY_FIRST: 'yes' },
        });
        await skein.ok(['start', fixture('prints-env.js'), '-n', 'second', '-i', instances], {
          env: { PORT: String(second), ONLY_SECOND: 'yes' },
        });
        const { env } = await getJson<Seen>(second);
        const given = { ...plainEnv(), SKEIN_HOME: skein.home.dir, PORT: String(second), ONLY_SECOND: 'yes' };
        assert.deepEqual(Object.keys(env).toSorted(), [...Object.keys(given), ...own].toSorted());
        for (const [name, value] of Object.entries(given)) assert.equal(env[name], value);
        assert.equal(env['SKEIN_APP'], 'second');
        assert.equal(env['SKEIN_SLOT'], env['NODE_APP_INSTANCE']);
        assert.match(env['SKEIN_GENERATION'] ?? '', /^\d+$/);
      }),
  );

  test(`argv, flags and working directory (-i ${instances})`, { timeout: 60_000 }, () =>
    withSkein(async (skein) => {
      const port = await freePort();
      const cwd = realpathSync(tmpdir());
      await skein.ok(
        [
          'start',
          fixture('prints-env.js'),
          '-n',
          'app',
          '-i',
          instances,
          '--cwd',
          cwd,
          '--node-args',
          '--max-old-space-size=200 --no-deprecation',
          '--',
          '--color',
          'a b',
        ],
        { env: { PORT: String(port) } },
      );
      const seen = await getJson<Seen>(port);
      assert.deepEqual(seen.argv.slice(1), [fixture('prints-env.js'), '--color', 'a b']);
      assert.deepEqual(seen.execArgv, ['--max-old-space-size=200', '--no-deprecation']);
      assert.equal(seen.cwd, cwd);
      assert.equal(seen.node, process.version);
    }),
  );

  for (const script of ['commonjs.cjs', 'esm.mjs']) {
    test(`${script} is the main module (-i ${instances})`, { timeout: 60_000 }, () =>
      withSkein(async (skein) => {
        const port = await freePort();
        await skein.ok(['start', fixture(script), '-n', 'app', '-i', instances, '--', 'x'], {
          env: { PORT: String(port) },
        });
        const seen = await getJson<{ main?: boolean; filename: string; argv: string[]; execArgv: string[] }>(
          port,
        );
        // import.meta.main came with Node 24.2.
        if (script.endsWith('.cjs') || !process.version.startsWith('v22.')) assert.equal(seen.main, true);
        assert.equal(seen.filename, fixture(script));
        assert.deepEqual(seen.argv.slice(1), [fixture(script), 'x']);
        assert.deepEqual(seen.execArgv, []);
      }),
    );
  }
}

for (const script of ['typescript.ts', 'typescript.mts']) {
  test(script, { timeout: 60_000 }, () =>
    withSkein(async (skein) => {
      const port = await freePort();
      await skein.ok(['start', fixture(script), '-n', 'app', '-i', '2'], { env: { PORT: String(port) } });
      assert.equal((await get(port)).body, 'typed');
    }),
  );
}

test('a TypeScript enum: start fails with a hint', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const { code, stderr } = await skein.run(['start', fixture('enum.ts'), '-n', 'app']);
    assert.equal(code, 4);
    assert.match(stderr, /enum/i);
  }),
);
