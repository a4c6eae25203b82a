/**
 * A connection to the state server: by its path, or, where this worker's user may not open that,
 * through the holder.
 */
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { HolderChannel } from './holder-channel.ts';

const throughHolder = (channel: Pick<HolderChannel, 'connect'>): Promise<Socket> =>
  new Promise((resolve, reject) => {
    channel.connect('state', ({ errno, handle }) => {
      if (handle !== null) resolve(new Socket({ handle, readable: true, writable: true } as never));
      else reject(Object.assign(new Error('no connection'), { code: getSystemErrorName(errno) }));
    });
  });

const direct = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = new Socket();
    socket.once('error', reject);
    socket.connect(path, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

/** Rejects with a system error such as ENOENT or ECONNREFUSED while there is no state server. */
export const connectState = async (
  path: string,
  channel: Pick<HolderChannel, 'connect'>,
): Promise<Socket> => {
  try {
    return await direct(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return throughHolder(channel);
    throw error;
  }
};
