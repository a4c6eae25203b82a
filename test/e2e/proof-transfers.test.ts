/** Long transfers outlive the generation that serves them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../support/load/random.ts';
import { noRequestLost } from '../support/no-request-lost.ts';

const seconds = 20;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const upload = async (port: number, seed: number): Promise<{ sent: string; received: string }> => {
  const bytes = createRandom(seed).bytes(seconds * 10 * 16 * 1024);
  const posted = request({ port, host: '127.0.0.1', path: '/upload', method: 'POST', agent: false });
  const answer = new Promise<string>((resolve, reject) => {
    posted.on('response', (response) => {
      text(response).then(resolve, reject);
    });
    posted.on('error', reject);
  });
  for (let at = 0; at < bytes.length; at += 16 * 1024) {
    posted.write(bytes.subarray(at, at + 16 * 1024));
    await delay(100);
  }
  posted.end();
  return { sent: sha256(bytes), received: await answer };
};

const download = (port: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path: `/download?seconds=${seconds}`, agent: false },
      (response) => {
        buffer(response).then(resolve, reject);
      },
    );
    asked.on('error', reject);
    asked.end();
  });

for (const accept of ['per-worker', 'shared'] as const) {
  test(
    `20 s of upload and download across a reload are byte-identical (${accept})`,
    { timeout: 90_000 },
    async () => {
      await noRequestLost({
        script: 'transfers.js',
        accept,
        instances: 2,
        load: { rate: 100, postShare: 0, mix: { 'keep-alive': 1, 'one-shot': 1 } },
        async act({ skein, app, port }) {
          const uploads = [1, 2, 3].map((seed) => upload(port, seed));
          const downloads = [1, 2, 3].map(() => download(port));
          const transfers = Promise.all([Promise.all(uploads), Promise.all(downloads)]);
          await delay(1_000);
          const reload = await skein.ok(['reload', app]);
          assert.ok(reload.ms > 15_000, 'the reload waited for the transfers');
          const [up, down] = await transfers;
          for (const { sent, received } of up) assert.equal(received, sent);
          const wanted = Buffer.concat(
            Array.from({ length: seconds * 10 }, () => Buffer.alloc(64 * 1024, 'skein flies in formation ')),
          );
          for (const body of down) assert.ok(body.equals(wanted), `${body.length} of ${wanted.length} bytes`);
        },
      });
    },
  );
}
