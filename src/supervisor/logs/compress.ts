/** Compresses a log that has been set aside. zlib works in threads of its own. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** What a supervisor that was killed in the middle of it leaves behind. */
export const PART = '.gz.part';

/** Fast: logs repeat themselves, and more effort gains little. */
const LEVEL = 1;

/** `path` becomes `path.gz`. Whenever it is interrupted, one of the two is whole. */
export const compress = async (path: string): Promise<void> => {
  const part = `${path}${PART}`;
  try {
    await pipeline(
      createReadStream(path),
      createGzip({ level: LEVEL }),
      createWriteStream(part, { mode: 0o600, flush: true }),
    );
    await rename(part, `${path}.gz`);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await rm(path, { force: true });
};
