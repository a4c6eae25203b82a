/** A broken release never takes over: the old generation keeps serving. */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { forEachFramework } from '../support/frameworks.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import { fixture } from '../support/skein.ts';

/** A deployed program: a symbolic link that a release switches. */
const deploy = (first: string): { script: string; release(name: string): void; remove(): void } => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-release-'));
  const script = join(dir, 'current.js');
  symlinkSync(fixture(first), script);
  return {
    script,
    release(name) {
      symlinkSync(fixture(name), join(dir, 'next.js'));
      renameSync(join(dir, 'next.js'), script);
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
};

const broken = [
  { release: 'crashes-at-start.js', says: /no configuration file/ },
  { release: 'never-ready.js', says: /not ready within 2/ },
  { release: 'answers-500.js', says: /GET \/ .*500/ },
] as const;

forEachFramework('broken releases', 90_000, async ({ script, accept }) => {
  const deployed = deploy(script);
  await noRequestLost({
    script: deployed.script,
    accept,
    instances: 2,
    flags: ['--ready', '/'],
    // Old and new listen on the same address.
    env: script === 'fastify.js' ? { HOST: '0.0.0.0' } : {},
    load: { rate: 120, seed: 8 },
    async act({ skein, app, load }) {
      const before = await skein.app(app);
      for (const { release, says } of broken) {
        deployed.release(release);
        const reload = await skein.run(['reload', app, '--ready-timeout', '2s']);
        assert.equal(reload.code, 4, JSON.stringify(reload));
        assert.match(reload.stderr, says);
        await load.answered(20);
        const after = await skein.settled(app);
        assert.deepEqual(
          after.workers.map(({ slot, pid }) => ({ slot, pid })),
          before.workers.map(({ slot, pid }) => ({ slot, pid })),
        );
      }
      // A release that works goes through afterwards.
      deployed.release(script);
      await skein.ok(['reload', app]);
    },
  });
  deployed.remove();
});

test('rollback goes back to the settings of the generation before', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'version.js',
    instances: 2,
    env: { VERSION: 'one' },
    load: { rate: 200 },
    async act({ skein, app, port }) {
      const version = async (): Promise<string> => (await get(port, '/version')).body;
      assert.equal(await version(), 'one');
      await skein.ok(['reload', app, '--env', 'VERSION=two']);
      assert.equal(await version(), 'two');
      await skein.ok(['rollback', app]);
      assert.equal(await version(), 'one');
    },
  });
});
