/** 1 GB in each direction: back-pressure both ways, so that memory does not grow with what passes. */
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { finding, mebibytes, type Proof } from './proof.ts';
import type { Stage } from './stage.ts';

const BYTES = 2 ** 30;
/** What may wait for the collector of garbage at any time. */
const LIMIT = 96 * 2 ** 20;
/** More than that in the second half is growth. */
const WOBBLE = 16 * 2 ** 20;

const piece = Buffer.alloc(65_536, 'skein');

const upload = async (port: number): Promise<number> => {
  const headers = { 'content-length': BYTES };
  const sent = request({ host: '127.0.0.1', port, path: '/up', method: 'POST', agent: false, headers });
  const answered = once(sent, 'response') as Promise<[import('node:http').IncomingMessage]>;
  for (let left = BYTES; left > 0; left -= piece.length) if (!sent.write(piece)) await once(sent, 'drain');
  sent.end();
  const [response] = await answered;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return Number(text);
};

const download = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: `/down?bytes=${BYTES}`, agent: false }, (response) => {
      let bytes = 0;
      let wrong = 0;
      response.on('data', (chunk: Buffer) => {
        if (chunk[0] !== piece[bytes % piece.length]) wrong += 1;
        bytes += chunk.length;
      });
      response.once('error', reject).once('end', () => resolve(wrong === 0 ? bytes : Number.NaN));
    })
      .once('error', reject)
      .end();
  });

const watched = async (stage: Stage, transfer: Promise<number>) => {
  const before = await stage.memory();
  const begun = performance.now();
  const samples: number[] = [];
  let running = true;
  const watching = (async () => {
    while (running) {
      samples.push((await stage.memory()) - before);
      await delay(50);
    }
  })();
  const bytes = await transfer.finally(() => (running = false));
  await watching;
  const half = Math.ceil(samples.length / 2);
  const most = (some: readonly number[]): number => Math.max(...some);
  return {
    bytes,
    first: most(samples.slice(0, half)),
    second: most(samples.slice(half)),
    seconds: (performance.now() - begun) / 1000,
  };
};

export const transfers: Proof = {
  name: 'transfers',
  title: '1 GB up and down',
  stage: { workers: 2 },
  run: async (stage, progress) => {
    progress('up');
    const up = await watched(stage, upload(stage.port));
    progress('down');
    const down = await watched(stage, download(stage.port));
    return [up, down].map(({ bytes, first, second, seconds }, index) =>
      finding(
        `${index === 0 ? 'upload' : 'download'} of 1 GiB arrives whole, memory is flat (at most ${mebibytes(LIMIT)} more, and the second half no more than the first)`,
        bytes === BYTES && Math.max(first, second) <= LIMIT && second <= first + WOBBLE,
        `${bytes} bytes in ${seconds.toFixed(1)} s, at most ${mebibytes(first)} more in the first half, ${mebibytes(second)} in the second`,
      ),
    );
  },
};
