import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { OwnSockets } from '../../../src/holder/own-sockets.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'skein-own-'));
});
after(() => rmSync(dir, { recursive: true }));

const made = (sockets: OwnSockets, id: string) => {
  const own = sockets.make(id);
  assert.ok(typeof own === 'object');
  return own;
};

it('each is for this user alone, and has a name of its own', () => {
  const sockets = new OwnSockets(join(dir, 'b'));
  const one = made(sockets, 'w1');
  const two = made(sockets, 'w1');
  assert.deepEqual([one.path, two.path], [join(dir, 'b', 'w1-0.sock'), join(dir, 'b', 'w1-1.sock')]);
  assert.equal(statSync(join(dir, 'b')).mode & 0o777, 0o700);
  assert.equal(statSync(one.path).mode & 0o777, 0o600);
  // Closed as it is when the worker has its copy: the file stays.
  one.handle.close();
  two.handle.close();
  assert.ok(existsSync(one.path) && existsSync(two.path));
  sockets.remove('w1');
  assert.deepEqual(readdirSync(join(dir, 'b')), []);
});

it('where nobody listens any more a connection is refused', async () => {
  const own = made(new OwnSockets(join(dir, 'b')), 'w2');
  own.handle.close();
  const [error] = await once(connect(own.path), 'error');
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

it('takes away what an earlier holder has left', () => {
  const b = join(dir, 'c');
  mkdirSync(b, { mode: 0o755 });
  writeFileSync(join(b, 'old-0.sock'), '');
  made(new OwnSockets(b), 'w3').handle.close();
  assert.deepEqual(readdirSync(b), ['w3-0.sock']);
  assert.equal(statSync(b).mode & 0o777, 0o700);
});

it('a path that is too long is an error number, not an exception', () => {
  const long = join(dir, 'x'.repeat(120));
  assert.ok((new OwnSockets(long).make('w4') as number) < 0);
  writeFileSync(join(dir, 'file'), '');
  assert.ok((new OwnSockets(join(dir, 'file', 'b')).make('w5') as number) < 0);
});
