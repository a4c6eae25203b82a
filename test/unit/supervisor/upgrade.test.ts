import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { HolderCommand } from '../../../src/protocol/holder.ts';
import { Upgrade, reasonIn } from '../../../src/supervisor/upgrade.ts';

const request = { node: '/bin/node', file: '/new/supervisor.js', version: '2.0.0' };

interface Made {
  readonly upgrade: Upgrade;
  readonly sent: HolderCommand[];
  readonly logFile: string;
  readonly holder: { alive: boolean };
  exited: boolean;
}

const made = (t: TestContext): Made => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-upgrade-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const logFile = join(dir, 'supervisor.log');
  writeFileSync(logFile, 'OldError: of long ago\n');
  const sent: HolderCommand[] = [];
  const holder = { pid: 1, alive: true, send: (command: HolderCommand) => void sent.push(command) };
  const exit = (): void => {
    all.exited = true;
  };
  const all: Made = {
    upgrade: new Upgrade({ holder, version: '1.0.0', logFile, exit }),
    sent,
    logFile,
    holder,
    exited: false,
  };
  return all;
};

test('asks the holder, and exits when the next one waits, after the answer', async (t) => {
  const all = made(t);
  const asked = all.upgrade.begin(request);
  assert.deepEqual(all.sent, [{ verb: 'upgrade', node: '/bin/node', file: '/new/supervisor.js' }]);
  assert.ok(all.upgrade.heard({ event: 'step-down' }));
  await asked;
  assert.equal(all.exited, false);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(all.exited, true);
});

test('goes on when the next one is not able, and says why: with what that one wrote', async (t) => {
  const all = made(t);
  const asked = all.upgrade.begin(request);
  appendFileSync(all.logFile, 'SyntaxError: Unexpected end of input\n    at somewhere\n');
  all.upgrade.heard({ event: 'upgrade-failed', reason: 'it ended with exit code 1' });
  await assert.rejects(asked, {
    code: 'E_UPGRADE',
    message:
      'The supervisor of version 2.0.0 did not come up: it ended with exit code 1 (SyntaxError: Unexpected end of input). The running one (1.0.0) goes on.',
  });
  assert.equal(all.exited, false);
  // And may be asked again.
  void all.upgrade.begin(request).catch(() => {});
  assert.equal(all.sent.length, 2);
  all.upgrade.heard({ event: 'upgrade-failed', reason: 'x' });
});

test('one at a time, and none without a holder', async (t) => {
  const all = made(t);
  const first = all.upgrade.begin(request);
  assert.throws(() => all.upgrade.begin(request), { code: 'E_BUSY' });
  all.upgrade.heard({ event: 'upgrade-failed', reason: 'x' });
  await assert.rejects(first, { message: /: x\. The running/ });
  all.holder.alive = false;
  assert.throws(() => all.upgrade.begin(request), { code: 'E_HOLDER_GONE' });
});

test('a holder that does not answer is not waited for for ever', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const asked = made(t).upgrade.begin(request);
  t.mock.timers.tick(15_000);
  await assert.rejects(asked, { message: /the holder did not answer/ });
});

test('other events are not for it', (t) => {
  assert.equal(made(t).upgrade.heard({ event: 'handed-over' }), false);
});

test('the reason in what was written', () => {
  assert.equal(reasonIn(''), null);
  assert.equal(reasonIn('{"message":"the supervisor runs"}\nsome text'), null);
  assert.equal(
    reasonIn('{"message":"uncaught","stack":"TypeError: x is not a function\\n    at y"}'),
    'TypeError: x is not a function',
  );
  assert.equal(
    reasonIn('Error [ERR_MODULE_NOT_FOUND]: no\n    at z\n\nNode.js v24'),
    'Error [ERR_MODULE_NOT_FOUND]: no',
  );
});
