/**
 * A client's HTTP/1 connection: Node's parser reads the handle, one request at a time is in work, and what
 * a client sends ahead waits, in order, with reading stopped. Answers go to the socket as text.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type {
  Client,
  ClientConnection,
  Expected,
  FromClient,
  Front,
  OpenConnection,
  ResponseHead,
  TunnelEnd,
} from '../contract.ts';
import { errorPage } from '../error-page.ts';
import { scanOf } from '../request-scan.ts';
import { closes, headOf, noHead, refusalOf, versionOf } from './h1-refusal.ts';
import { H1Writer } from './h1-writer.ts';
import { handleOf } from './handle.ts';
import type { HttpParser, ParseError, ParserOwner } from './http-parser.ts';
import { borrowParser, methodNames, returnParser, textRead } from './http-parser.ts';
import { responseText } from './response-text.ts';
import type { CameHead, Receiver } from './sent-ahead.ts';
import { IGNORED, NO_REQUEST, SentAhead } from './sent-ahead.ts';

/** Of what a client sends behind a request for a WebSocket before that is answered, or of a head. */
const MOST_EARLY = 64 * 1024;

class H1Connection extends H1Writer implements Client, OpenConnection, ParserOwner {
  private parser: HttpParser | null;
  private consumed = false;

  /** `front.begin` has not returned yet. */
  private beginning = false;
  private came: CameHead = NO_REQUEST;

  private requests = 0;
  /** Who gets the body that the parser reads now. */
  private receiver: Receiver | null = null;
  private headers: string[] | null = null;
  private url = '';
  /** The status for what the parser refuses, when its turn comes. */
  private malformed = 0;
  private early: Buffer[] | null = null;
  private sawHead = false;
  /** When a head began that has not come whole; 0: none. */
  private headSince = 0;
  private begun = '';
  private stepping = false;
  private again = false;

  constructor(socket: Socket, head: Uint8Array, connection: ClientConnection, front: Front) {
    super(
      socket,
      connection,
      front,
      front.watch((what) => this.late(what)),
    );
    this.parser = borrowParser(this, front.rules().front.limits.headerBytes);
    this.watch.expect('head');
    socket.on('end', () => this.ended());
    socket.on('close', () => this.closed());
    socket.on('error', () => this.gone('reset'));
    if (head.length > 0) this.executed(this.parser.execute(head), head);
    if (this.parser === null) return;
    const handle = handleOf(socket);
    if (handle === null) return;
    this.parser.consume(handle);
    this.consumed = true;
    // Nothing flows through the stream but its end.
    socket.resume();
  }

  /** Who may be about to send requests is told with the answer to the last of them. */
  drain(): void {}

  get idle(): boolean {
    return this.state === 'open' && this.headSince === 0;
  }

  // What the parser tells.

  parsedHeaders(headers: readonly string[], url: string): void {
    this.headers = [...(this.headers ?? []), ...headers];
    if (url !== '') this.url += url;
  }

  parsedHead(
    major: number,
    minor: number,
    raw: readonly string[] | undefined,
    code: number,
    url: string | undefined,
    upgrade: boolean,
    stays: boolean,
  ): void {
    const arrivedAt = performance.now();
    const fields = raw ?? this.headers ?? [];
    const method = methodNames[code] ?? '';
    const target = url ?? this.url;
    const isUsual = this.requests > 0 && major === 1 && minor === 1;
    const version = isUsual ? '1.1' : versionOf(major, minor, this.begun + textRead(this.parser, null));
    const beganAt = this.headSince === 0 ? arrivedAt : this.headSince;
    const keepAlive = stays && (minor === 1 || !closes(fields));
    const came: CameHead = { method, target, version, raw: fields, beganAt, arrivedAt, upgrade, keepAlive };
    this.begun = '';
    this.headers = null;
    this.url = '';
    this.headSince = 0;
    this.sawHead = true;
    if (upgrade) this.early = [];
    switch (this.state) {
      case 'open':
        this.take(came, null);
        break;
      case 'working': {
        const ahead = new SentAhead(came);
        this.receiver = ahead;
        (this.ahead ??= []).push(ahead);
        this.stopReading();
        break;
      }
      case 'ending':
      case 'gone':
        this.receiver = IGNORED;
    }
  }

  parsedBody(chunk: Buffer): void {
    const { receiver } = this;
    if (receiver === null) return;
    if (receiver === this.exchange) this.watch.moved(chunk.length);
    if (!receiver.onBody(chunk)) this.pauseBody();
  }

  parsedEnd(): void {
    const { receiver } = this;
    if (receiver === null) return;
    const trailers = this.headers;
    this.receiver = null;
    this.headers = null;
    if (!(receiver instanceof SentAhead)) {
      this.bodyDone = true;
      this.close ||= closes(trailers);
      if (!this.responded) this.watch.expect('nothing');
    }
    receiver.onBodyEnd(trailers);
  }

  executed(result: number | ParseError, bytes: Uint8Array | null = null): void {
    const { sawHead, parser } = this;
    this.sawHead = false;
    if (parser === null || this.state === 'ending' || this.state === 'gone') return;
    if (typeof result !== 'number') this.refuseBytes(result.code);
    else if (this.early !== null) {
      this.early.push(Buffer.from((bytes ?? parser.getCurrentBuffer()).subarray(result)));
      this.leaveParser();
    } else if (!sawHead && this.state === 'open') {
      if (this.begun.length < MOST_EARLY) this.begun += textRead(parser, bytes);
      if (this.headSince === 0) this.watch.expect('head');
      this.headSince ||= performance.now();
    }
  }

  // What the exchange wants (`Client`).

  pauseBody(): void {
    if (!this.bodyDone) {
      this.watch.expect('nothing');
      this.stopReading();
    }
  }

  resumeBody(): void {
    if (this.bodyDone || this.state !== 'working') return;
    this.watch.expect('body');
    this.readOn();
  }

  discardBody(): void {
    if (this.bodyDone || this.state !== 'working') return;
    this.close = true;
    if (this.receiver === this.exchange) this.receiver = IGNORED;
    this.resumeBody();
  }

  switchProtocols(head: ResponseHead): TunnelEnd | null {
    const { socket } = this;
    if (this.state !== 'working' || this.early === null) return null;
    socket.write(
      `HTTP/1.1 101 ${head.reason}\r\n${head.lines}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      'latin1',
    );
    this.state = 'gone';
    this.exchange = null;
    this.watch.end();
    for (const name of ['data', 'end', 'close', 'error']) socket.removeAllListeners(name);
    return { socket, head: Buffer.concat(this.early) };
  }

  // The request in work.

  private take(came: CameHead, ahead: SentAhead | null): void {
    const { front } = this;
    const rules = front.rules();
    const { limits, requestId } = rules.front;
    this.requests += 1;
    this.begin(came);
    this.close ||= this.requests >= (limits.keepAliveRequests ?? Infinity);
    const scan = scanOf(came.raw, requestId ?? '');
    const refusal = refusalOf(came, scan, limits.headerCount);
    this.bodyDone = !scan.hasBody;
    const head = headOf(came, scan);
    this.watch.expect(scan.hasBody ? 'body' : 'nothing');
    this.beginning = true;
    if (refusal !== undefined) {
      this.close = true;
      this.receiver = IGNORED;
      front.refuse(this, head, rules, refusal.status, refusal.reason);
      this.beginning = false;
    } else {
      const exchange = front.begin(this, head, rules);
      this.beginning = false;
      this.exchange = exchange;
      if (scan.hasBody) this.begunWithBody(exchange, ahead);
    }
    if (this.answered && !this.unflushed) this.handedOver();
  }

  private begunWithBody(exchange: FromClient, ahead: SentAhead | null): void {
    const receiver = this.answered ? IGNORED : exchange;
    if (ahead === null || !ahead.complete) this.receiver = receiver;
    if (ahead === null) return;
    if (ahead.complete) this.bodyDone = true;
    if (!ahead.passTo(receiver)) this.pauseBody();
    if (!ahead.complete && this.malformed !== 0) this.lastWords('refused', 400);
  }

  /** The answer is out. */
  protected override handedOver(): void {
    if (this.beginning || this.state !== 'working') return;
    this.exchange = null;
    if (this.close) {
      this.finish();
      return;
    }
    this.state = 'open';
    this.next();
  }

  /** What was sent ahead has its turn; a loop, for answers may be given at once. */
  private next(): void {
    if (this.stepping) {
      this.again = true;
      return;
    }
    this.stepping = true;
    do {
      this.again = false;
      const ahead = this.ahead?.shift();
      if (ahead !== undefined) {
        if (this.ahead?.length === 0) this.ahead = null;
        this.take(ahead.came, ahead);
      } else if (this.malformed !== 0) this.refuseMalformed();
      else this.watch.expect('next');
    } while (this.again);
    this.stepping = false;
    if (this.paused && this.ahead === null && this.malformed === 0) this.readOn();
  }

  /** No further request. What the client still sends is read, or a reset would take its answer from it. */
  private finish(): void {
    const { socket } = this;
    const clean = this.bodyDone && !this.came.keepAlive && this.ahead === null && this.malformed === 0;
    this.state = 'ending';
    this.ahead = null;
    if (clean && this.early === null && !(socket instanceof TLSSocket)) {
      socket.destroy();
      return;
    }
    this.receiver = IGNORED;
    socket.end();
    this.watch.expect('head');
    this.readOn();
  }

  /** The client's connection is of no use any more. */
  private gone(why: Parameters<FromClient['onGone']>[0]): void {
    if (this.state === 'gone') return;
    const { exchange } = this;
    this.state = 'gone';
    this.exchange = null;
    this.socket.destroy();
    exchange?.onGone(why);
  }

  private ended(): void {
    // A client that closed its half only looks like one that left, and who follows events may leave long
    // before the next one: it counts as gone, as in nginx, unless its answer is on its way whole.
    if (this.state === 'working' && this.answered && this.bodyDone) this.close = true;
    else this.gone('closed');
  }

  private closed(): void {
    this.gone('closed');
    this.watch.end();
    if (this.parser !== null) returnParser(this.parser, this.consumed);
    this.parser = null;
  }

  private late(what: Expected): void {
    switch (what) {
      case 'head':
        if (this.state === 'open' && this.headSince !== 0) {
          this.malformed = 408;
          this.refuseMalformed();
        } else this.gone('header-timeout');
        break;
      case 'body':
        this.lastWords('body-timeout', 408);
        break;
      case 'next':
        this.gone('closed');
        break;
      case 'take':
        if (this.tookNothing()) this.gone('write-timeout');
        break;
      case 'nothing':
    }
  }

  /** The bytes are no request, or no body. */
  private refuseBytes(code: string): void {
    this.stopReading();
    this.malformed = code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    if (this.state === 'open') this.refuseMalformed();
    else if (this.receiver !== null && this.receiver === this.exchange) this.lastWords('refused', 400);
  }

  private refuseMalformed(): void {
    this.begin(NO_REQUEST);
    this.front.refuse(this, noHead(this.headSince), this.front.rules(), this.malformed, '');
  }

  private begin(came: CameHead): void {
    this.came = came;
    this.state = 'working';
    this.version = came.version;
    this.bodyDone = true;
    this.responded = false;
    this.answered = false;
    this.close ||= !came.keepAlive || came.upgrade;
  }

  /** The request in work ends by the client's fault; it is told so when nothing was said yet. */
  private lastWords(why: 'refused' | 'body-timeout', status: number): void {
    const { exchange, socket, responded } = this;
    if (responded) {
      this.gone(why);
      return;
    }
    this.exchange = null;
    this.state = 'ending';
    this.receiver = IGNORED;
    const { head, body } = errorPage(status, '', null, '');
    socket.end(responseText(head, '1.1', false, true) + body, 'latin1');
    this.watch.expect('head');
    exchange?.onGone(why);
  }

  /** The parser has stopped behind a request that asks for another protocol; so does this connection. */
  private leaveParser(): void {
    const { parser, socket } = this;
    if (parser === null) return;
    this.parser = null;
    returnParser(parser, this.consumed);
    let size = this.early?.[0]?.length ?? 0;
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      this.early?.push(chunk);
      if (size > MOST_EARLY) socket.pause();
    });
  }
}

/**
 * Serves a connection from now on, until it closes or becomes a tunnel. `head`: bytes that were read
 * already. The socket needs `allowHalfOpen: true`, or a client's early end would end its answer.
 */
export const serveHttp1 = (
  socket: Socket,
  head: Uint8Array,
  connection: ClientConnection,
  front: Front,
): OpenConnection => new H1Connection(socket, head, connection, front);
