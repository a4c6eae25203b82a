import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeLine } from '../../../src/core/json-lines.ts';
import type { WorkerHandle } from '../../../src/supervisor/worker-handle.ts';
import { createWorkerLink } from '../../../src/supervisor/worker-link.ts';

test('only who says a hello that is known is heard; garbage harms nobody', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-link-'));
  const path = join(dir, 's');
  const heard: string[] = [];
  const strangers: number[] = [];
  const worker = { attach: () => {} } as unknown as WorkerHandle;
  const server = createWorkerLink({
    find: (id) => (id === 'known' ? worker : undefined),
    heard: (_worker, { type }) => heard.push(type),
    stranger: (pid) => strangers.push(pid),
  });
  await once(server.listen(path), 'listening');

  const stranger = connect(path);
  stranger.on('error', () => {});
  stranger.write('null\n7\n"text"\nnot json\n{}\n');
  stranger.write(encodeLine({ type: 'ready' }) + encodeLine({ type: 'hello', id: 'other', pid: 5 }));
  await once(stranger, 'close');
  assert.deepEqual(strangers, [5]);
  assert.deepEqual(heard, []);

  const known = connect(path);
  known.end(
    encodeLine({ type: 'hello', id: 'known', pid: 6 }) +
      encodeLine({ type: 'ready' }) +
      encodeLine({ type: 'beat' }),
  );
  await once(known.resume(), 'close');
  assert.deepEqual(heard, ['hello', 'ready', 'beat']);
  server.close();
  rmSync(dir, { recursive: true });
});
