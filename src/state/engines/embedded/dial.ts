/** How this process gets a connection to the state server. */
import type { Socket } from 'node:net';
import { connectPath } from '../../../core/connect-path.ts';
import { appLink } from '../../../protocol/app-link.ts';

export type Dial = () => Promise<Socket>;

/**
 * By the path of its socket; where the user of this worker may not open that, through the holder.
 * Without a path, the one of the Skein that runs this worker.
 */
export const dialState =
  (path: string | undefined): Dial =>
  async () => {
    const link = appLink();
    if (path === undefined) {
      if (link === undefined) throw new Error('this is no worker of Skein');
      return link.connectState();
    }
    try {
      return await connectPath(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (link !== undefined && (code === 'EACCES' || code === 'EPERM')) return link.connectState();
      throw error;
    }
  };
