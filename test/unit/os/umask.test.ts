import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { keepFilesPrivate, withGivenUmask } from '../../../src/os/umask.ts';

const before = process.umask();
after(() => process.umask(before));

test('files are private, what is started is not', () => {
  process.umask(0o027);
  assert.equal(
    withGivenUmask(() => process.umask()),
    0o027,
    'nothing was asked for yet',
  );
  keepFilesPrivate();
  keepFilesPrivate();
  assert.equal(process.umask(), 0o077);
  assert.equal(
    withGivenUmask(() => process.umask()),
    0o027,
  );
  assert.throws(() =>
    withGivenUmask(() => {
      throw new Error('no such program');
    }),
  );
  assert.equal(process.umask(), 0o077);
});
