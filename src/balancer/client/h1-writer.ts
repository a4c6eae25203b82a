/**
 * The writing half of a client's HTTP/1 connection: an answer goes to the socket as text where that is
 * cheaper, and what the socket has not taken is waited for.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClientConnection, FromClient, Front, ResponseHead, Watch } from '../contract.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';
import { latin1Of } from '../latin1.ts';
import { writeText } from '../write-text.ts';
import { handleOf } from './handle.ts';
import type { SentAhead } from './sent-ahead.ts';
import { chunkText, informText, lastChunk, responseText } from './response-text.ts';

/** Up to here one text costs less than several writes. */
const SMALL = 8 * 1024;
const EMPTY = Buffer.alloc(0);

export type H1State =
  /** No request is in work. */
  | 'open'
  | 'working'
  /** The last answer has been given; the connection ends when the client ends it or after a while. */
  | 'ending'
  /** Closed, or not ours any more. */
  | 'gone';

export abstract class H1Writer {
  readonly connection: ClientConnection;
  protected readonly socket: Socket;
  protected readonly front: Front;
  protected readonly watch: Watch;
  protected state: H1State = 'open';
  /** Of the request in work. */
  protected exchange: FromClient | null = null;
  protected version = '1.1';
  protected bodyDone = true;
  /** Requests that have come already, behind the one in work: a drain says close after the last. */
  protected ahead: SentAhead[] | null = null;
  protected responded = false;
  protected answered = false;
  /** The connection ends after this answer. */
  protected close = false;
  protected unflushed = false;
  /** What the socket's handle had not sent when it was last looked at. */
  private queued = 0;
  private chunked = false;
  protected paused = false;

  constructor(socket: Socket, connection: ClientConnection, front: Front, watch: Watch) {
    this.connection = connection;
    this.socket = socket;
    this.front = front;
    this.watch = watch;
  }

  /** The answer is out. */
  protected abstract handedOver(): void;

  inform(status: number, lines: string): void {
    if (this.state === 'working' && this.version === '1.1' && !this.responded)
      this.socket.write(informText(status, lines), 'latin1');
  }

  respond(head: ResponseHead, body: Uint8Array | string | null, end: boolean): boolean {
    if (this.state !== 'working') return true;
    const { version } = this;
    const unknown = head.hasBody && head.bodyLength === -1;
    this.responded = true;
    this.chunked = unknown && version === '1.1';
    const leaves = this.front.draining && this.ahead === null;
    this.close ||= !this.bodyDone || leaves || (unknown && version !== '1.1');
    const text = responseText(head, version, this.chunked, this.close);
    const { socket } = this;
    const tail = end && this.chunked ? lastChunk(null) : '';
    let taken: boolean;
    if (body === null || body.length === 0 || !head.hasBody) {
      taken = writeText(socket, text + tail);
    } else if (typeof body === 'string' || body.length <= SMALL) {
      const latin1 = typeof body === 'string' ? body : latin1Of(body);
      taken = writeText(socket, text + (this.chunked ? chunkText(latin1) : latin1) + tail);
    } else {
      socket.cork();
      socket.write(this.chunked ? `${text}${body.length.toString(16)}\r\n` : text, 'latin1');
      socket.write(Buffer.from(body));
      if (this.chunked) socket.write(`\r\n${tail}`, 'latin1');
      socket.uncork();
      taken = socket.writableLength === 0;
    }
    if (end) {
      this.answered = true;
      if (taken) this.handedOver();
    }
    if (!taken) this.waitForFlush();
    return taken;
  }

  write(chunk: Uint8Array): boolean {
    const { socket } = this;
    if (this.state !== 'working') return true;
    if (!this.chunked) socket.write(chunk);
    else if (chunk.length <= SMALL) socket.write(chunkText(latin1Of(chunk)), 'latin1');
    else {
      socket.cork();
      socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
      socket.write(chunk);
      socket.write('\r\n', 'latin1');
      socket.uncork();
    }
    if (socket.writableLength === 0) return true;
    this.waitForFlush();
    return false;
  }

  end(trailers: RawHeaders | null): void {
    if (this.state !== 'working') return;
    if (this.chunked) this.socket.write(lastChunk(trailers), 'latin1');
    this.answered = true;
    if (this.socket.writableLength > 0) {
      this.waitForFlush();
      return;
    }
    this.exchange?.onSent();
    this.handedOver();
  }

  protected waitForFlush(): void {
    if (this.unflushed) return;
    this.unflushed = true;
    this.queued = -1;
    this.watch.expect('take');
    this.socket.write(EMPTY, () => this.flushed());
  }

  /** A part of a large write that went out is progress too; then it may take as long again. */
  protected tookNothing(): boolean {
    const queued = handleOf(this.socket)?.writeQueueSize ?? 0;
    const nothing = queued === this.queued;
    this.queued = queued;
    if (!nothing) this.watch.expect('take');
    return nothing;
  }

  private flushed(): void {
    this.unflushed = false;
    if (this.state !== 'working') return;
    this.watch.expect(this.bodyDone ? 'nothing' : 'body');
    if (this.answered) {
      this.exchange?.onSent();
      this.handedOver();
    } else this.exchange?.onDrain();
  }

  break(): void {
    this.exchange = null;
    this.state = 'gone';
    const { socket } = this;
    // Without an end of its own, the end of the connection would be that of the body: a reset is none.
    if (socket instanceof TLSSocket || this.connection.address === undefined) socket.destroy();
    else socket.resetAndDestroy();
  }

  protected stopReading(): void {
    const handle = handleOf(this.socket);
    if (this.paused || handle === null) return;
    this.paused = true;
    handle.reading = false;
    handle.readStop();
  }

  protected readOn(): void {
    const handle = handleOf(this.socket);
    if (!this.paused || handle === null) return;
    this.paused = false;
    handle.reading = true;
    handle.readStart();
  }
}
