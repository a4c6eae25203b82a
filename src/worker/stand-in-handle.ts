/**
 * Stands in `server._handle` while there is no real one:
 *
 * - from `listen()` until the holder has sent the socket. In plain Node `server.listening` is true
 *   and `server.address()` answers at once after `listen(3000)`, and apps rely on that.
 * - from the beginning of a drain until the app itself closes the server. To the app the server
 *   still listens, so its own `server.close(callback)` at shutdown works as always, and the process
 *   stays for its SIGTERM handler.
 */
import { holdEventLoop } from './event-loop-hold.ts';
import type { ServerHandle, SocketName } from './node-internals.ts';

export interface StandInHandle extends ServerHandle {
  /** The app has closed the server. */
  closed: boolean;
  /** What `listen({ path, readableAll, writableAll })` asked for, to be done on the real handle. */
  mode: number;
  /** A real handle takes over: stop keeping the process alive. */
  release(): void;
}

export interface StandInOptions {
  /** What `server.address()` shall say; null for a unix path, which Node remembers itself. */
  readonly name: SocketName | null;
  /** Whether it keeps the process alive, as the handle it stands for would. */
  readonly referenced: boolean;
  readonly onClose?: () => void;
}

export const standInHandle = ({ name, referenced, onClose }: StandInOptions): StandInHandle => {
  const hold = holdEventLoop(referenced);
  const handle: StandInHandle = {
    closed: false,
    mode: 0,
    listen: () => 0,
    close(callback) {
      hold.release();
      if (!handle.closed) onClose?.();
      handle.closed = true;
      if (callback !== undefined) process.nextTick(callback);
    },
    ref: hold.ref,
    unref: hold.unref,
    release: hold.release,
    fchmod(mode) {
      handle.mode = mode;
      return 0;
    },
  };
  if (name !== null) {
    handle.getsockname = (out) => {
      Object.assign(out, name);
      return 0;
    };
  }
  return handle;
};
