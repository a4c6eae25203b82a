/** The examples run where they lie: in a checkout, `skein` is the checkout itself. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../support/ports.ts';
import { withSkein } from '../../support/skein.ts';

const examples = join(import.meta.dirname, '..', '..', '..', 'examples');

test('counter.ts counts over two workers, and over a reload', async () => {
  const port = await freePort();
  const visits = async (): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
    return ((await response.json()) as { visits: unknown }).visits;
  };
  await withSkein(async (skein) => {
    await skein.ok(['start', join(examples, 'counter.ts'), '-i', '2'], { env: { PORT: String(port) } });
    assert.deepEqual([await visits(), await visits()], [1, 2]);
    await skein.ok(['reload', 'counter']);
    assert.equal(await visits(), 3);
  });
});
