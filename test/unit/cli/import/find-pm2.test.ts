import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { findPm2 } from '../../../../src/cli/import/find-pm2.ts';
import { SkeinError } from '../../../../src/core/errors.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skein-pm2-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const find = async (): ReturnType<typeof findPm2> =>
  await findPm2({ env: { PM2_HOME: home, PATH: '' }, cwd: home }, undefined);
/** This process stands for the daemon. */
const daemon = (): void => {
  writeFileSync(join(home, 'pm2.pid'), String(process.pid));
  writeFileSync(join(home, 'rpc.sock'), '');
};
const refused = (reason: RegExp) => (error: unknown) =>
  error instanceof SkeinError && error.code === 'E_NO_PM2' && reason.test(error.message);

test('where no PM2 runs and nothing was saved, both are said', async () => {
  await assert.rejects(find(), refused(/^No PM2 runs in .*, and there is no .*dump\.pm2/));
});

test('the dump of a PM2 that has ended is taken without a word', async () => {
  writeFileSync(join(home, 'dump.pm2'), '[]');
  assert.equal((await find()).warning, undefined);
});

test('regression: a PM2 that runs and cannot be asked is not said to be none', async () => {
  process.title = 'PM2 stand-in';
  daemon();
  await assert.rejects(
    find(),
    refused(/^PM2 runs in .*, but no `pm2` is in PATH to ask it, and there is no/),
  );
  writeFileSync(join(home, 'dump.pm2'), '[]');
  const { runs, warning } = await find();
  assert.ok(runs);
  assert.match(warning ?? '', /no `pm2` is in PATH to ask it: what follows is of its dump\.$/);
});
