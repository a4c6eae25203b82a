/**
 * A connection to the supervisor's socket. A worker that runs as another user than Skein may not
 * open it; then the holder does, and hands the open connection over (src/holder/connect-for-worker.ts).
 */
import { Socket } from 'node:net';
import type { HolderChannel } from './holder-channel.ts';

export interface DialListener {
  /** Comes before anything is read. */
  readonly open: (socket: Socket) => void;
  readonly data: (text: string) => void;
  /** Once for each dial: it was closed, or never came to be. `wasOpen`: `open` has been called. */
  readonly closed: (wasOpen: boolean) => void;
}

/** Keeps no process alive. */
export type Dial = (listener: DialListener) => void;

export const createDial = (path: string, channel: Pick<HolderChannel, 'connect'>): Dial => {
  /** The kernel has said so once, and it will again. */
  let denied = false;

  const take = (socket: Socket, { data, closed }: DialListener, wasOpen: () => boolean): void => {
    socket.unref();
    socket.setEncoding('utf8');
    socket.on('data', data);
    socket.on('close', () => closed(wasOpen()));
  };

  const throughHolder = (listener: DialListener): void =>
    channel.connect('supervisor', ({ handle }) => {
      if (handle === null) return listener.closed(false);
      const socket = new Socket({ handle, readable: true, writable: true } as never);
      socket.on('error', () => {});
      take(socket, listener, () => true);
      listener.open(socket);
    });

  const direct = (listener: DialListener): void => {
    const socket = new Socket();
    let wasOpen = false;
    let tryHolder = false;
    socket.on('connect', () => {
      wasOpen = true;
      listener.open(socket);
    });
    // ENOENT, ECONNREFUSED: the holder is gone as well. 'close' follows.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      tryHolder = !wasOpen && (error.code === 'EACCES' || error.code === 'EPERM');
    });
    const closed = (open: boolean): void => {
      if (!tryHolder) return listener.closed(open);
      denied = true;
      throughHolder(listener);
    };
    take(socket, { ...listener, closed }, () => wasOpen);
    socket.connect(path);
    // Node forgets it when the handle comes.
    socket.unref();
  };

  return (listener) => (denied ? throughHolder(listener) : direct(listener));
};
