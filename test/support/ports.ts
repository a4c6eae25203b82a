/** Ports for the apps under test, below the range from which the kernel takes clients' ports. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const count = 4_000;
/** Suites on different lines of Node (22, 24, 26) run side by side: each has a range of its own. */
const first = 20_000 + (Number.parseInt(process.versions.node, 10) % 3) * count;
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
