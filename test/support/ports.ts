/** Ports for the apps under test, below the range from which the kernel takes clients' ports. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const first = 20_000;
const count = 12_000;
let next = Math.floor(Math.random() * count);

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
  for (let tries = 0; tries < count; tries += 1) {
    const port = first + next;
    next = (next + 1) % count;
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
};
