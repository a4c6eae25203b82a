/** A server that is described by a file: the file changes under load, and what runs follows it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Applied } from '../../src/protocol/control.ts';
import { startLoad } from '../support/load/load.ts';
import { lost } from '../support/load/profile.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';

interface Project {
  readonly skein: Skein;
  /** Writes the list of apps, as TypeScript, into skein.config.ts. */
  write(apps: string): void;
  /** A command in the folder of the file, that must succeed; its stdout. */
  say(...words: readonly string[]): Promise<string>;
  readonly cwd: string;
}

const inProject = (use: (project: Project) => Promise<void>): Promise<void> =>
  withSkein(async (skein) => {
    // No node_modules above it: `skein/config` is found as after `npm install -g skein`.
    const cwd = mkdtempSync(join(tmpdir(), 'sk-'));
    try {
      await use({
        skein,
        cwd,
        write: (apps) =>
          writeFileSync(
            join(cwd, 'skein.config.ts'),
            `import { defineConfig } from 'skein/config';\nconst script: string = ${JSON.stringify(fixture('version.js'))};\nexport default defineConfig({ apps: [\n${apps}\n] });\n`,
          ),
        say: async (...words) => (await skein.ok(words, { cwd })).stdout,
      });
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

test(
  'apps are added, changed, scaled and removed under load, and no request is lost',
  { timeout: 90_000 },
  () =>
    inProject(async ({ skein, cwd, write, say }) => {
      const [port, second] = [await freePort(), await freePort()];
      const api = (more: string): string => `{ name: 'api', script, env: { PORT: ${port} }, ${more} },`;
      const web = `{ name: 'web', script, env: { PORT: ${second} }, dependsOn: ['api'] },`;
      write(api('instances: 2'));
      assert.match(await say('start'), /^\+ api start\napi started in /);
      const load = await startLoad({ port, rate: 120, seed: 31 });
      await load.answered(50);

      write(api('instances: 3') + web);
      const before = await skein.pids('api');
      assert.equal(await say('apply', '--dry-run'), '~ api scale: instances 2 → 3\n+ web start\n');
      assert.deepEqual(await skein.pids('api'), before);
      assert.match(await say('apply'), /^~ api scale: instances 2 → 3\n\+ web start\n/);
      assert.deepEqual((await skein.pids('api')).slice(0, 2), before);
      assert.equal(await say('apply'), '= 2 unchanged\n');

      write(`{ name: 'api', script, env: { PORT: ${port}, VERSION: '2' }, instances: 3 },${web}`);
      assert.match(await say('apply'), /^~ api reload: env\.VERSION none → set\n= 1 unchanged\napi reloaded/);
      const { generation } = await skein.settled('api');
      assert.equal(generation, 2);

      // What is wrong with the file stays in the file.
      const pids = await skein.pids('api');
      write(`{ name: 'api', script, kilTimeout: 3 },`);
      const refused = await skein.run(['apply'], { cwd });
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        /skein\.config\.ts:4: there is no setting apps\[0\]\.kilTimeout\. Did you mean/,
      );
      assert.deepEqual(await skein.pids('api'), pids);

      write(`${api("instances: 3, env_production: { VERSION: '3' }")}${web}`);
      const only = ['--only', 'api', '--env', 'production'] as const;
      assert.match(await say('reload', 'skein.config.ts', ...only), /^~ api reload: env\.VERSION/);
      await load.answered(50);

      write(api("instances: 3, env_production: { VERSION: '3' }"));
      const json = ['apply', '--env', 'production', '--keep', '--json'] as const;
      assert.deepEqual(
        (JSON.parse(await say(...json)) as Applied).plan.map(({ app, action }) => `${app} ${action}`),
        ['api none'],
      );
      assert.equal((await skein.app('web')).state, 'running');
      assert.match(await say('apply', '--env', 'production'), /^- web stop\n= 1 unchanged\nweb stopped/);
      assert.equal((await skein.app('web')).state, 'stopped');

      const tally = await load.stop();
      assert.equal(lost(tally), 0, JSON.stringify(tally));
      assert.ok(tally.outcomes.ok > 150);
    }),
);
