/**
 * Compresses a log that has been set aside. zlib works in threads of its own. Read into one buffer,
 * again and again: streams would leave the whole file behind as garbage.
 */
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Gzip } from 'node:zlib';
import { createGzip } from 'node:zlib';

/** Fast: logs repeat themselves, and more effort gains little. */
const LEVEL = 1;
const READ_AT_ONCE = 64 * 1024;

/** Settles when zlib is done with it. */
const write = (gzip: Gzip, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    gzip.write(bytes, (error) => (error ? reject(error) : resolve()));
  });

const gzipInto = async (path: string, part: string): Promise<void> => {
  const from = await open(path, 'r');
  const gzip = createGzip({ level: LEVEL });
  const to = gzip.pipe(createWriteStream(part, { mode: 0o600, flush: true }));
  const written = finished(to);
  // It ends the loop below, which cannot wait for both.
  written.catch((error: unknown) => gzip.destroy(error as Error));
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_AT_ONCE);
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      await write(gzip, buffer.subarray(0, bytesRead));
    }
    gzip.end();
    await written;
  } finally {
    gzip.destroy();
    to.destroy();
    await from.close();
  }
};

/** `path` becomes `path.gz`. Whenever it is interrupted, one of the two is whole. */
export const compress = async (path: string): Promise<void> => {
  const part = `${path}.gz.part`;
  try {
    await gzipInto(path, part);
    await rename(part, `${path}.gz`);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await rm(path, { force: true });
};
