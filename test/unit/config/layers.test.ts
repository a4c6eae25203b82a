/** What is laid over what: patches over specs, drafts over drafts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPatch } from '../../../src/config/apply-patch.ts';
import { layOver } from '../../../src/config/draft.ts';
import { checkOperation } from '../../../src/control/requests.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import { appSpec } from '../support/app-spec.ts';

test('a patch of one log setting leaves the others', () => {
  const before = appSpec({ logs: { ...appSpec().logs, out: '/var/log/a.log' } });
  const { logs } = applyPatch(before, { logs: { format: 'json', rotation: { keep: 3 } } });
  assert.deepEqual([logs.out, logs.format, logs.rotation.keep], ['/var/log/a.log', 'json', 3]);
  assert.equal(logs.rotation.maxSizeBytes, before.logs.rotation.maxSizeBytes);
});

test('watch: on with what is by default, changed in part, off', () => {
  const on = applyPatch(appSpec(), { cwd: '/srv/new', watch: {} });
  assert.deepEqual(on.watch, { paths: ['/srv/new'], ignore: [], delayMs: 500 });
  const slower = applyPatch(on, { watch: { delayMs: 2_000 } });
  assert.deepEqual(slower.watch, { paths: ['/srv/new'], ignore: [], delayMs: 2_000 });
  assert.equal(applyPatch(slower, {}).watch, slower.watch);
  assert.equal(applyPatch(slower, { watch: null }).watch, null);
});

test('cron: a time zone alone is no time', () => {
  assert.equal(applyPatch(appSpec(), { cron: { timeZone: 'UTC' } }).cron, null);
  const on = applyPatch(appSpec(), { cron: { expression: '0 4 * * *' } });
  assert.deepEqual(on.cron, { expression: '0 4 * * *', timeZone: null });
  assert.deepEqual(applyPatch(on, { cron: { timeZone: 'UTC' } }).cron, {
    expression: '0 4 * * *',
    timeZone: 'UTC',
  });
  assert.equal(applyPatch(on, { cron: null }).cron, null);
});

test('hooks and restarts, each by itself', () => {
  const spec = applyPatch(appSpec(), { hooks: { before: 'true' }, restart: { delayMs: 5 } });
  assert.deepEqual(spec.hooks, { ...appSpec().hooks, before: 'true' });
  assert.deepEqual(spec.restart, { ...appSpec().restart, delayMs: 5 });
});

test('drafts: the one above counts, setting by setting', () => {
  const below = {
    killTimeoutMs: 1,
    logs: { out: 'a', rotation: { keep: 1, compress: false } },
    watch: { ignore: ['x'] },
    variables: { A: '1', B: '1' },
    restart: { auto: false },
  };
  assert.deepEqual(
    layOver(below, {
      logs: { rotation: { keep: 2 } },
      watch: {},
      variables: { B: null },
      restart: { delayMs: 3 },
    }),
    {
      killTimeoutMs: 1,
      logs: { out: 'a', rotation: { keep: 2, compress: false } },
      watch: { ignore: ['x'] },
      variables: { A: '1', B: null },
      restart: { auto: false, delayMs: 3 },
    },
  );
  assert.deepEqual(layOver({ watch: { ignore: [] } }, { watch: null }), { watch: null });
  assert.deepEqual(layOver({ watch: null, logs: { out: 'a' } }, { watch: {}, logs: { err: 'b' } }), {
    watch: {},
    logs: { out: 'a', err: 'b' },
  });
  assert.deepEqual(layOver(below, {}), below);
});

test('patches in part pass the check of requests, and nothing else does', () => {
  const reload = (patch: object): object => ({ verb: 'reload', targets: ['a'], patch });
  for (const patch of [
    { logs: { out: null, rotation: { keep: 0 } } },
    { watch: {} },
    { watch: null },
    { cron: { timeZone: null } },
    { hooks: { before: 'x' } },
  ])
    assert.deepEqual(checkOperation(reload(patch)), reload(patch));
  for (const patch of [
    { logs: { outt: 'x' } },
    { logs: { rotation: { keep: -1 } } },
    { watch: { paths: [''] } },
    { cron: [] },
    { hooks: null },
    { restart: { constructor: 1 } },
  ])
    assert.throws(() => checkOperation(reload(patch)), SkeinError);
});
