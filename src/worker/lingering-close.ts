/**
 * How a connection ends after its last response. Closing a TCP socket while bytes of the client
 * lie unread in it sends a reset, and a reset makes the client throw away the response it has not
 * read yet. So the sending side is closed first, and what still comes in is read and discarded
 * until the client has closed too (RFC 9112, 9.6).
 */
import type { Socket } from 'node:net';

/** How long a client may be silent after our FIN. */
const SILENCE_MS = 1_000;
/** How long it may go on sending. */
const LONGEST_MS = 10_000;

/** Replaces what Node does when the response that said `Connection: close` has been written. */
export const lingerAtEnd = (socket: Socket): void => {
  socket.destroySoon = linger;
};

function linger(this: Socket): void {
  if (this.writable) this.end();
  if (this.readableEnded || this.destroyed) {
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
    return;
  }
  // Away from the HTTP parser, which would start further requests. Adding a 'data' listener is
  // what takes the socket from it (lib/_http_server.js, socketListenerWrap).
  for (const event of ['data', 'end', 'timeout']) this.removeAllListeners(event);
  this.on('data', () => {});
  this.once('end', () => this.destroy());
  this.setTimeout(SILENCE_MS, () => this.destroy());
  const longest = setTimeout(() => this.destroy(), LONGEST_MS);
  longest.unref();
  this.once('close', () => clearTimeout(longest));
  this.resume();
}
