/**
 * A connection to the state server: by its path, or, where this worker's user may not open that,
 * through the holder.
 */
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { connectPath } from '../core/connect-path.ts';
import type { HolderChannel } from './holder-channel.ts';

const throughHolder = (channel: Pick<HolderChannel, 'connect'>): Promise<Socket> =>
  new Promise((resolve, reject) => {
    channel.connect('state', ({ errno, handle }) => {
      if (handle !== null) resolve(new Socket({ handle, readable: true, writable: true } as never));
      else reject(Object.assign(new Error('no connection'), { code: getSystemErrorName(errno) }));
    });
  });

/** Rejects with a system error such as ENOENT or ECONNREFUSED while there is no state server. */
export const connectState = async (
  path: string,
  channel: Pick<HolderChannel, 'connect'>,
): Promise<Socket> => {
  try {
    return await connectPath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return throughHolder(channel);
    throw error;
  }
};
