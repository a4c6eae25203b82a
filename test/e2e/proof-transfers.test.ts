/** Long transfers outlive the generation that serves them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { forEachFramework } from '../support/frameworks.ts';
import { createRandom } from '../support/load/random.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import type { Scene } from '../support/no-request-lost.ts';

const seconds = 20;
const piecesPerSecond = 10;

/** Sends for twenty seconds; resolves with what was sent and what came back. */
const upload = async (port: number, seed: number): Promise<{ sent: Buffer; echoed: Buffer }> => {
  const pieceBytes = 4 * 1024;
  const sent = createRandom(seed).bytes(seconds * piecesPerSecond * pieceBytes);
  const headers = { 'content-type': 'application/octet-stream' };
  const posted = request({ port, host: '127.0.0.1', path: '/echo', method: 'POST', agent: false, headers });
  const echoed = new Promise<Buffer>((resolve, reject) => {
    posted.on('response', (response) => {
      buffer(response).then(resolve, reject);
    });
    posted.on('error', reject);
  });
  for (let at = 0; at < sent.length; at += pieceBytes) {
    posted.write(sent.subarray(at, at + pieceBytes));
    await delay(1_000 / piecesPerSecond);
  }
  posted.end();
  return { sent, echoed: await echoed };
};

/** Receives for twenty seconds. */
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

const reloadMeanwhile = async ({ skein, app }: Scene): Promise<void> => {
  await delay(1_000);
  const { ms } = await skein.ok(['reload', app]);
  assert.ok(ms > 15_000, `the reload waited for the transfers: ${ms} ms`);
};

suite('20 s transfers across a reload', { concurrency: 2 }, () => {
  forEachFramework('a 20 s upload across a reload', 90_000, async ({ script, accept }) => {
    await noRequestLost({
      script,
      accept,
      instances: 2,
      load: { rate: 40, mix: { 'keep-alive': 1, 'one-shot': 1 } },
      async act(scene) {
        const uploads = Promise.all([1, 2, 3].map((seed) => upload(scene.port, seed)));
        await reloadMeanwhile(scene);
        for (const { sent, echoed } of await uploads) assert.ok(echoed.equals(sent), 'byte-identical');
      },
    });
  });

  test('a 20 s download across a reload', { timeout: 90_000 }, async () => {
    const wanted = Buffer.concat(
      Array.from({ length: seconds * piecesPerSecond }, () =>
        Buffer.alloc(64 * 1024, 'skein flies in formation '),
      ),
    );
    await noRequestLost({
      script: 'transfers.js',
      instances: 2,
      load: { rate: 40, postShare: 0, mix: { 'keep-alive': 1, 'one-shot': 1 } },
      async act(scene) {
        const downloads = Promise.all([1, 2, 3].map(() => download(scene.port)));
        await reloadMeanwhile(scene);
        for (const body of await downloads)
          assert.ok(body.equals(wanted), `${body.length} of ${wanted.length} bytes`);
      },
    });
  });
});
