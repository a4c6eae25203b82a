/** A TCP client that sends exactly the bytes a test wants and sees exactly what comes back. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

const PATIENCE_MS = 10_000;

export class RawClient {
  readonly socket: Socket;
  received = '';
  /** The server has sent its FIN. */
  ended = false;
  error: NodeJS.ErrnoException | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      socket.emit('news');
    });
    socket.on('end', () => {
      this.ended = true;
      socket.emit('news');
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => socket.emit('news'));
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** A GET on a connection that is to stay open. */
  get(path = '/', headers: readonly string[] = []): void {
    this.write([`GET ${path} HTTP/1.1`, 'Host: test', ...headers, '', ''].join('\r\n'));
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#wait(String(pattern), () => pattern.exec(this.received) ?? undefined);
  }

  async untilText(text: string): Promise<void> {
    await this.#wait(text, () => this.received.includes(text) || undefined);
  }

  async untilEnd(): Promise<void> {
    await this.#wait('the end', () => this.ended || this.socket.closed || undefined);
  }

  /** Sends a GET and waits for a response whose body ends with `body`; gives its head, lower case. */
  async ask(path: string, body: string): Promise<string> {
    const from = this.received.length;
    this.get(path);
    await this.#wait(body, () => this.received.slice(from).endsWith(body) || undefined);
    return this.received.slice(from).split('\r\n\r\n')[0]!.toLowerCase();
  }

  close(): void {
    this.socket.destroy();
  }

  async #wait<T>(what: string, look: () => T | undefined): Promise<T> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.socket.closed)
        throw new Error(`closed before ${what}: ${this.error?.code ?? ''} ${this.received}`);
      try {
        await once(this.socket, 'news', { signal: patience });
      } catch (error) {
        if (this.error === null) throw new Error(`no ${what}: ${this.received}`, { cause: error });
      }
    }
  }
}

/** `to`: a port of this machine or a unix socket's path. */
export const rawClient = async (to: number | string, host = '127.0.0.1'): Promise<RawClient> => {
  const socket = typeof to === 'number' ? connect(to, host) : connect(to);
  await once(socket, 'connect');
  return new RawClient(socket);
};
