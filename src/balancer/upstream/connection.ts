/**
 * One connection to an upstream. It serves one request at a time (its taker), reads the response strictly
 * and never goes back to the pool when anything about it is odd: a request that was not sent whole, bytes
 * after the response, a response that ended with the connection.
 */
import type { Socket } from 'node:net';
import type { PoolMember, TunnelEnd } from '../contract.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';
import { latin1 } from '../latin1.ts';
import { ChunkScanner } from './chunk-scanner.ts';
import { writeText } from '../write-text.ts';
import type { Reader } from './open-socket.ts';
import { openSocket } from './open-socket.ts';
import { giveBack, sharedBuffer, takeBuffer } from './read-buffers.ts';
import type { Asked, UpstreamHead } from './response-head.ts';
import { readResponseHead, RESPONSE_HEAD_BYTES } from './response-head.ts';

/** The request that a connection serves; `onEnd`, `onFailed` and `onSwitched` are the last it hears. */
export interface Taker {
  onConnected(): void;
  /** 1xx but 101. */
  onInform(head: UpstreamHead): void;
  /**
   * `complete`: that was all, and the connection is free already. A text is latin1. The bytes are good
   * for this call only. False: no more before `resume`.
   */
  onHead(head: UpstreamHead, body: Uint8Array | string | null, complete: boolean): boolean;
  /** False: no more before `resume`, and the bytes stay as they are. */
  onData(chunk: Uint8Array): boolean;
  onEnd(trailers: RawHeaders | null): void;
  /** `connect`: there was no connection. `closed`: it broke. `bad`: the response is none. */
  onFailed(kind: 'connect' | 'closed' | 'bad', why: string): void;
  /** What was written is on its way. */
  onUpstreamDrain(): void;
  /** 101: the connection is the taker's, with what came after the head. */
  onSwitched(head: UpstreamHead, end: TunnelEnd): void;
}

/** Who is told when a connection is free or gone. */
export interface Keeper {
  onFree(connection: UpstreamConnection): void;
  onGone(connection: UpstreamConnection): void;
}

/** A head longer than this is read in a second step; most bodies of one read are shorter too. */
const FIRST_TEXT = 8 * 1024;
const EMPTY = Buffer.alloc(0);

export class UpstreamConnection implements Reader {
  readonly socket: Socket;
  /** When it was last given back, in milliseconds of the ticker. */
  idleSince = 0;
  /** What the upstream says it keeps idle connections for; 0: nothing. */
  keepAliveMs = 0;
  /** The whole request has been written. */
  requestDone = false;
  /** A byte of the response to the present request has come. */
  heard = false;
  /** Not for a second request. */
  single = false;
  dead = false;
  private readonly member: PoolMember;
  private readonly keeper: Keeper;
  private taker: Taker | null;
  private asked: Asked | null = null;
  private connected = false;
  private phase: 'head' | 'length' | 'chunked' | 'close' | 'tunnel' = 'head';
  private left = 0;
  private keepAlive = false;
  private scanner: ChunkScanner | null = null;
  private own: Buffer | null = null;
  /** The beginning of a head that did not come in one read. */
  private before = '';
  private receiver: (chunk: Uint8Array) => boolean = () => false;
  private reason = 'the connection was closed';

  constructor(member: PoolMember, keeper: Keeper, taker: Taker, preamble: Uint8Array | null) {
    this.member = member;
    this.keeper = keeper;
    this.taker = taker;
    const { socket, ready } = openSocket(member.address, this, preamble);
    this.socket = socket;
    if (preamble === null) this.outliveFailedWrites();
    socket.on(ready, () => {
      this.connected = true;
      this.taker?.onConnected();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.reason = error.code ?? error.message;
      this.lost();
    });
    socket.on('end', () => this.ended());
    socket.on('close', () => this.lost());
    socket.on('drain', () => this.taker?.onUpstreamDrain());
  }

  /** Sends a request's head, or all of it. */
  send(taker: Taker, text: string, asked: Asked): void {
    this.taker = taker;
    this.asked = asked;
    this.phase = 'head';
    this.heard = false;
    this.requestDone = false;
    writeText(this.socket, text);
  }

  /** False: no more before `onUpstreamDrain`. */
  write(bytes: Uint8Array | string): boolean {
    return typeof bytes === 'string' ? this.socket.write(bytes, 'latin1') : this.socket.write(bytes);
  }

  cork(): void {
    this.socket.cork();
  }

  uncork(): void {
    this.socket.uncork();
  }

  resume(): void {
    if (!this.dead) this.socket.resume();
  }

  /** Ends it without a word to the taker. */
  destroy(): void {
    this.taker = null;
    this.dead = true;
    this.socket.destroy();
    this.keeper.onGone(this);
  }

  buffer(): Buffer {
    return this.own ?? sharedBuffer;
  }

  read(size: number, bytes: Buffer): boolean {
    const { taker } = this;
    this.member.heard += 1;
    // A copy: the buffer is everybody's, and a tunnel's bytes may have to wait.
    if (this.phase === 'tunnel') return this.receiver(Buffer.from(bytes.subarray(0, size)));
    if (taker === null || this.asked === null) {
      // A response to nothing: whoever got this connection next would get it as theirs.
      this.destroy();
      return false;
    }
    switch (this.phase) {
      case 'head':
        return this.readHead(taker, this.asked, size, bytes);
      case 'length':
        return this.readLength(taker, size, bytes);
      case 'chunked':
        return this.readChunked(taker, 0, size, bytes);
      case 'close':
        return this.readOn(taker.onData(bytes.subarray(0, size)));
    }
  }

  private readHead(taker: Taker, asked: Asked, size: number, bytes: Buffer): boolean {
    this.heard = true;
    const offset = this.before.length;
    let text = this.before + latin1(bytes, 0, Math.min(size, FIRST_TEXT));
    let from = 0;
    for (;;) {
      let end = text.indexOf('\r\n\r\n', from);
      if (end === -1 && text.length - offset < size) {
        text = this.before + latin1(bytes, 0, size);
        end = text.indexOf('\r\n\r\n', from);
      }
      if (end === -1) {
        if (text.length - from > RESPONSE_HEAD_BYTES) return this.bad(taker, 'its head is too long');
        if (/(?:^|[^\r])\n/.test(text.slice(from))) return this.bad(taker, 'its lines end in LF alone');
        this.before = from === 0 ? text : text.slice(from);
        return true;
      }
      if (end - from > RESPONSE_HEAD_BYTES) return this.bad(taker, 'its head is too long');
      const head = readResponseHead(text, from, end, asked);
      if (typeof head === 'string') return this.bad(taker, head);
      from = end + 4;
      if (head.status === 101) return this.switched(taker, head, bytes.subarray(from - offset, size));
      if (head.status >= 200) {
        this.before = '';
        return this.readFirst(taker, head, text, from, offset, size, bytes);
      }
      taker.onInform(head);
      if (this.taker !== taker) return false;
      this.heard = from - offset < size;
      if (!this.heard) {
        this.before = '';
        return true;
      }
    }
  }

  /** The final head, with what of the body came with it. `from`: in `text`, less `offset` in `bytes`. */
  private readFirst(
    taker: Taker,
    head: UpstreamHead,
    text: string,
    from: number,
    offset: number,
    size: number,
    bytes: Buffer,
  ): boolean {
    if (head.keepAliveMs !== 0) this.keepAliveMs = head.keepAliveMs;
    this.keepAlive = head.keepAlive;
    const start = from - offset;
    const have = size - start;
    switch (head.framing) {
      case 'none':
        this.finish(have > 0);
        taker.onHead(head, null, true);
        return !this.dead;
      case 'length': {
        const length = head.bodyLength;
        if (have < length) {
          this.phase = 'length';
          this.left = length - have;
          return this.firstPart(taker, head, bytes.subarray(start, size));
        }
        const whole =
          text.length - from >= length
            ? text.slice(from, from + length)
            : bytes.subarray(start, start + length);
        this.finish(have > length);
        taker.onHead(head, whole, true);
        return !this.dead;
      }
      case 'close':
        this.phase = 'close';
        return this.firstPart(taker, head, bytes.subarray(start, size));
      case 'chunked': {
        const scanner = new ChunkScanner();
        this.scanner = scanner;
        this.phase = 'chunked';
        const end = scanner.scan(bytes, start, size);
        if (scanner.broken) return this.bad(taker, 'its chunked body is malformed');
        const data = bytes.subarray(start, end);
        const trailers = scanner.done ? scanner.trailers() : null;
        if (!scanner.done || trailers !== null) {
          const open = this.firstPart(taker, head, data);
          if (this.taker !== taker || !scanner.done) return open;
          this.finish(scanner.next < size);
          taker.onEnd(trailers);
          return !this.dead;
        }
        this.finish(scanner.next < size);
        taker.onHead(head, data, true);
        return !this.dead;
      }
    }
  }

  private firstPart(taker: Taker, head: UpstreamHead, part: Uint8Array): boolean {
    this.own = takeBuffer();
    return this.readOn(taker.onHead(head, part.length === 0 ? null : part, false));
  }

  /** Whether to read on; the taker may have left meanwhile. */
  private readOn(wanted: boolean): boolean {
    return wanted && !this.dead;
  }

  private readLength(taker: Taker, size: number, bytes: Buffer): boolean {
    const { left } = this;
    if (size < left) {
      this.left -= size;
      return this.readOn(taker.onData(bytes.subarray(0, size)));
    }
    const taken = taker.onData(size === left ? bytes.subarray(0, size) : bytes.subarray(0, left));
    return this.complete(taker, taken, size > left, null);
  }

  private readChunked(taker: Taker, from: number, size: number, bytes: Buffer): boolean {
    const { scanner } = this;
    if (scanner === null) return false;
    const end = scanner.scan(bytes, from, size);
    if (scanner.broken) return this.bad(taker, 'its chunked body is malformed');
    const taken = end === from || taker.onData(bytes.subarray(from, end));
    if (!scanner.done) return this.readOn(taken);
    return this.complete(taker, taken, scanner.next < size, scanner.trailers());
  }

  private complete(taker: Taker, taken: boolean, extra: boolean, trailers: RawHeaders | null): boolean {
    if (this.taker !== taker) return false;
    if (!taken) this.own = null;
    this.finish(extra);
    taker.onEnd(trailers);
    return !this.dead;
  }

  /** The response is complete: the connection is free, or ends. */
  private finish(extra: boolean): void {
    this.taker = null;
    this.asked = null;
    this.scanner = null;
    if (this.own !== null) giveBack(this.own);
    this.own = null;
    if (extra || !this.keepAlive || !this.requestDone || this.single) this.destroy();
    else this.keeper.onFree(this);
  }

  private bad(taker: Taker, why: string): false {
    this.destroy();
    taker.onFailed('bad', why);
    return false;
  }

  private switched(taker: Taker, head: UpstreamHead, rest: Uint8Array): boolean {
    this.phase = 'tunnel';
    this.taker = null;
    this.dead = true;
    const { socket } = this;
    for (const name of ['error', 'end', 'close', 'drain']) socket.removeAllListeners(name);
    this.keeper.onGone(this);
    taker.onSwitched(head, {
      socket,
      head: rest.length === 0 ? EMPTY : Buffer.from(rest),
      receive: (receiver) => {
        this.receiver = receiver;
      },
    });
    return !socket.destroyed;
  }

  /**
   * A write that failed says that the upstream reads no more. What it said before may still be unread, as
   * the answer that made it stop reading: so the socket ends when that has been read, not at once.
   */
  private outliveFailedWrites(): void {
    const { socket } = this;
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error?: NodeJS.ErrnoException) => {
      if (error?.syscall !== 'write' || this.taker === null) return destroy(error);
      // Of a stream with an error there is no 'end'; with `onread`, the end is all that is pushed.
      socket.push = () => {
        this.lost();
        return false;
      };
      return socket;
    };
  }

  /** The upstream sends no more. */
  private ended(): void {
    const { taker } = this;
    if (taker !== null && this.phase === 'close' && !this.wasReset()) {
      this.finish(false);
      taker.onEnd(null);
      return;
    }
    this.lost();
  }

  /**
   * libuv before 1.52 tells a reset that came together with the last bytes as an end. The kernel knows no
   * peer of a connection that was reset, but does of one that was closed.
   */
  private wasReset(): boolean {
    return this.member.address.kind === 'tcp' && this.socket.remoteAddress === undefined;
  }

  private lost(): void {
    if (this.dead) return;
    const { taker } = this;
    this.destroy();
    taker?.onFailed(this.connected ? 'closed' : 'connect', this.reason);
  }
}
