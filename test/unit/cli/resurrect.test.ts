import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keptVariables } from '../../../src/cli/boot.ts';
import type { Context } from '../../../src/cli/context.ts';
import { resurrect } from '../../../src/cli/resurrect.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import { homeFrom } from '../../../src/os/home.ts';
import type { Applied, ApplyRequest } from '../../../src/protocol/control.ts';
import { appSpec } from '../support/app-spec.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-resurrect-'));
after(() => rmSync(dir, { recursive: true }));

const context = (said: string[] = []): Context => ({
  home: homeFrom(dir),
  env: {},
  cwd: dir,
  stdout: { write: () => {} },
  stderr: { write: (text) => said.push(text) },
  appArgs: undefined,
});

const saved = (...names: readonly string[]) =>
  ({ format: 1, apps: names.map((name) => ({ run: name !== 'idle', spec: appSpec({ name }) })) }) as const;

/** Refuses as the supervisor does: all, when one of those to start is refused. */
const clientThat = (
  refuses: (name: string, starts: readonly string[]) => boolean,
  there: readonly string[] = [],
) => {
  const done: ApplyRequest[] = [];
  return {
    done,
    apps: () => Promise.resolve({ version: 1, apps: there.map((name) => ({ name })) as never }),
    apply: (request: ApplyRequest): Promise<Applied> => {
      const starts = request.apps.filter(({ autostart }) => autostart).map(({ spec }) => spec.name);
      const bad = starts.find((name) => refuses(name, starts));
      if (bad !== undefined) {
        const details = { app: bad, dependency: 'db', reason: 'is stopped' };
        return Promise.reject(new SkeinError('E_DEPENDENCY', details));
      }
      if (!request.dryRun) done.push(request);
      return Promise.resolve({ plan: [], leftAlone: [], operations: [] });
    },
  };
};

const startsOf = ([request]: readonly ApplyRequest[]): unknown[] =>
  (request?.apps ?? []).map(({ spec, autostart }) => [spec.name, autostart]);

test('those that are not there come back, the stopped ones stopped', async () => {
  const client = clientThat(() => false, ['a']);
  const { present, refused } = await resurrect(context(), client, saved('a', 'b', 'idle'));
  assert.deepEqual([present, refused], [['a'], []]);
  assert.deepEqual(startsOf(client.done), [
    ['b', true],
    ['idle', false],
  ]);
});

test('one that is refused keeps none of the others, and is not lost', async () => {
  const client = clientThat((name) => name === 'b');
  const { refused } = await resurrect(context(), client, saved('a', 'b', 'c'));
  assert.deepEqual(
    refused.map(({ message }) => message),
    ['b needs db, which is stopped.'],
  );
  assert.deepEqual(startsOf(client.done), [
    ['a', true],
    ['b', false],
    ['c', true],
  ]);
});

test('one that needs another one of the list is tried again when that was accepted', async () => {
  // `a` needs `c`, and `b` what nobody has.
  const client = clientThat((name, starts) => name === 'b' || (name === 'a' && !starts.includes('c')));
  const { refused } = await resurrect(context(), client, saved('a', 'b', 'c'));
  assert.equal(refused.length, 1);
  assert.deepEqual(startsOf(client.done), [
    ['a', true],
    ['b', false],
    ['c', true],
  ]);
});

test('a supervisor that cannot be reached is no refusal', async () => {
  const client = {
    ...clientThat(() => false),
    apply: () => Promise.reject(new SkeinError('E_HOLDER_GONE', { pid: '1' })),
  };
  await assert.rejects(resurrect(context(), client, saved('a')), { code: 'E_HOLDER_GONE' });
});

test('secrets of any size and script get to the holder through its environment', () => {
  const kept = { 'a/B/1': 'ä😀'.repeat(60_000), 'a/C/2': 'plain' };
  const variables = keptVariables(kept);
  for (const text of Object.values(variables)) assert.ok(Buffer.byteLength(text) < 128 * 1024);
  assert.deepEqual(JSON.parse(Object.values(variables).join('')), kept);
});
