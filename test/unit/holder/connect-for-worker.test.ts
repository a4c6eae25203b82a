import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket, createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';
import { connectForWorker } from '../../../src/holder/connect-for-worker.ts';
import type { BoundHandle } from '../../../src/holder/handles.ts';

interface Given {
  readonly errno: number;
  readonly handle: BoundHandle | null;
}

const connectTo = (path: string, said: string): Promise<Given> =>
  new Promise((resolve) => connectForWorker(path, said, (errno, handle) => resolve({ errno, handle })));

for (const said of ['', 'this is worker 7\n'])
  test(`a connection for somebody else, ${said === '' ? 'as it is' : 'with what is to be said first'}`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sk-'));
    const heard: Promise<string>[] = [];
    const server = createServer((socket) => {
      socket.write('welcome');
      heard.push(text(socket));
    });
    server.listen(join(dir, 's'));
    await once(server, 'listening');
    const { errno, handle } = await connectTo(join(dir, 's'), said);
    assert.equal(errno, 0);
    const socket = new Socket({ handle, readable: true, writable: true } as never);
    socket.write('hello');
    assert.equal(String(await once(socket, 'data')), 'welcome');
    socket.end();
    assert.equal(await heard[0], `${said}hello`);
    server.close();
    rmSync(dir, { recursive: true });
  });

test('why there is none', async () => {
  const { errno, handle } = await connectTo('/nowhere/s', 'hello');
  assert.deepEqual([errno, handle], [-constants.errno.ENOENT, null]);
});
