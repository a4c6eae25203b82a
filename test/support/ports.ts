/**
 * Ports for the apps under test, below the range from which the kernel takes clients' ports. Test files run
 * side by side: each process has blocks of ports of its own, and an abstract socket that nobody else can
 * bind says so until it ends.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 20_000;
const BLOCKS = 120;
const BLOCK = 100;

let block: Promise<number> | undefined;
let next = 0;

const isOurs = async (nth: number): Promise<boolean> => {
  const server = createServer().unref();
  server.listen(`\0skein-test-ports-${nth}`);
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
};

const takeBlock = async (): Promise<number> => {
  const from = Math.floor(Math.random() * BLOCKS);
  for (let nth = 0; nth < BLOCKS; nth += 1) {
    const at = (from + nth) % BLOCKS;
    if (await isOurs(at)) return FIRST + at * BLOCK;
  }
  throw new Error('no free block of ports');
};

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
};

export const freePort = async (): Promise<number> => {
  const first = await (block ??= takeBlock());
  for (let tries = 0; tries < BLOCK; tries += 1) {
    const port = first + next;
    next = (next + 1) % BLOCK;
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
};
