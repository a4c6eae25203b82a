import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockHome } from '../../../src/os/lock.ts';

test('one owner; the second hears when the first is ready, also by another path', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-lock-'));
  symlinkSync(dir, `${dir}.link`);
  const first = await lockHome(dir);
  assert.ok(!first.taken);
  const second = await lockHome(`${dir}.link`);
  assert.ok(second.taken);
  let heard = false;
  const hearing = second.ready.then(() => (heard = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(heard, false);
  first.markReady();
  await hearing;
  const third = await lockHome(dir);
  assert.ok(third.taken);
  await third.ready;
  rmSync(`${dir}.link`);
  rmSync(dir, { recursive: true });
});
