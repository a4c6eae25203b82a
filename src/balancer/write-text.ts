/**
 * Text to a socket without a stream between. An answer is nearly always one text that the kernel takes at
 * once; then the queue, the callback and the tick of a stream's `write` are most of what it costs. What the
 * kernel does not take libuv keeps, in order with what is written to the stream later.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What libuv calls back with; used only when the kernel does not take all at once. */
interface WriteRequest {
  handle: Handle | null;
  oncomplete: (this: WriteRequest, status: number) => void;
  socket: Socket | null;
}

interface Handle {
  writeLatin1String(request: object | null, text: string): number;
  readonly writeQueueSize: number;
}

/** Node's class of them, which nothing exports: a stream's own write has one. */
let Request: (new () => WriteRequest) | null = null;
/** Node 26 gives none to its handles: there all goes through the stream. */
let learnable = true;
/** Not in use: one is enough for all writes that the kernel takes at once. */
let spare: WriteRequest | null = null;

const failed = (socket: Socket): void => {
  socket.destroy(Object.assign(new Error('a write failed'), { code: 'EPIPE', syscall: 'write' }));
};

function completed(this: WriteRequest, status: number): void {
  if (status < 0 && this.socket !== null) failed(this.socket);
}

const learnRequest = (handle: Handle): void => {
  const write = handle.writeLatin1String;
  handle.writeLatin1String = (request, text) => {
    learnable = request !== null;
    Request = request === null ? null : (request.constructor as new () => WriteRequest);
    // The prototype's again.
    Reflect.deleteProperty(handle, 'writeLatin1String');
    return write.call(handle, request, text);
  };
};

/** True: the kernel has all of it. */
export const writeText = (socket: Socket, text: string): boolean => {
  const { _handle: handle } = socket as unknown as { readonly _handle: Handle | null };
  const isPlain =
    handle !== null &&
    socket.writableLength === 0 &&
    socket.writableCorked === 0 &&
    !socket.connecting &&
    socket.writable &&
    !(socket instanceof TLSSocket);
  if (!isPlain || Request === null) {
    if (isPlain && learnable) learnRequest(handle);
    socket.write(text, 'latin1');
    return socket.writableLength === 0;
  }
  const request = spare ?? new Request();
  spare = null;
  request.handle = handle;
  request.socket = socket;
  request.oncomplete = completed;
  const error = handle.writeLatin1String(request, text);
  if (error !== 0) {
    failed(socket);
    return true;
  }
  if (handle.writeQueueSize > 0) return false;
  request.handle = null;
  request.socket = null;
  spare = request;
  return true;
};
