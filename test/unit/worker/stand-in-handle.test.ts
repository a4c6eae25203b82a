import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { standInHandle } from '../../../src/worker/stand-in-handle.ts';

describe('the stand-in handle', () => {
  it('answers for the address it stands for', () => {
    const handle = standInHandle({ name: { address: '::', family: 'IPv6', port: 80 }, referenced: false });
    const name = {};
    assert.equal(handle.getsockname?.(name), 0);
    assert.deepEqual(name, { address: '::', family: 'IPv6', port: 80 });
    handle.close();
  });

  it('has no name for a path, and remembers the mode asked for', () => {
    const handle = standInHandle({ name: null, referenced: false });
    assert.equal(handle.getsockname, undefined);
    handle.fchmod?.(3);
    assert.equal(handle.mode, 3);
    handle.close();
  });

  it('closes once', (context) => {
    const onClose = context.mock.fn();
    const handle = standInHandle({ name: null, referenced: true, onClose });
    handle.close();
    handle.close();
    assert.deepEqual([handle.closed, onClose.mock.callCount()], [true, 1]);
  });
});
