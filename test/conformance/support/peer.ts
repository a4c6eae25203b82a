/** One end of a TCP connection: what came over it, how it ended, and steps to be made on it. */
import type { Socket } from 'node:net';

/** The TCP connection below a TLS one, which cannot be reset itself. */
export const below: WeakMap<Socket, Socket> = new WeakMap();

export class Peer {
  received = '';
  end: 'open' | 'closed' | 'reset' = 'open';
  readonly #socket: Socket;
  readonly #news: () => void;

  /** `news`: called whenever there is something to look at. */
  constructor(socket: Socket, news: () => void) {
    this.#socket = socket;
    this.#news = news;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      news();
    });
    socket.on('end', () => this.#ended('closed'));
    socket.on('error', () => this.#ended('reset'));
    socket.on('close', () => this.#ended('closed'));
  }

  send(bytes: string): void {
    if (this.#socket.writable) this.#socket.write(bytes, 'latin1');
  }

  fin(): void {
    this.#socket.end();
  }

  reset(): void {
    (below.get(this.#socket) ?? this.#socket).resetAndDestroy();
  }

  /** Gracefully, and by force for who does not want to. */
  async gone(limitMs: number): Promise<void> {
    if (this.#socket.closed) return;
    const closed = new Promise<void>((resolve) => {
      this.#socket.once('close', resolve);
    });
    const force = setTimeout(() => this.#socket.destroy(), limitMs);
    this.#socket.end();
    this.#socket.resume();
    await closed;
    clearTimeout(force);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #ended(how: 'closed' | 'reset'): void {
    if (this.end === 'open' || how === 'reset') this.end = how;
    this.#news();
  }
}
