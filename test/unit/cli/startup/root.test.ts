import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRoot } from '../../../../src/cli/commands/startup.ts';

test('regression: a root that is mistyped is refused, not made', () => {
  assert.throws(() => checkRoot('/no/such/image'), {
    code: 'E_USAGE',
    message: /no directory \/no\/such\/image/,
  });
  checkRoot(process.cwd());
});
