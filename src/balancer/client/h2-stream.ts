/** One request over HTTP/2: the client's side of an exchange over a stream of node:http2. */
import type { ServerHttp2Stream } from 'node:http2';
import type {
  Client,
  ClientConnection,
  Expected,
  FromClient,
  Front,
  RequestHead,
  ResponseHead,
  Rules,
  Watch,
} from '../contract.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';
import { h2Fields, h2Trailers } from './h2-response.ts';

/** RFC 9113, section 7. */
export const NO_ERROR = 0;
/** Bytes of a write; a frame is not larger by default. */
const PIECE = 16 * 1024;

const INTERNAL_ERROR = 2;
const CANCEL = 8;

type GoneWhy = Parameters<FromClient['onGone']>[0];

export class H2Stream implements Client {
  readonly connection: ClientConnection;
  readonly #stream: ServerHttp2Stream;
  readonly #watch: Watch;
  #exchange: FromClient | undefined;
  readonly #hasBody: boolean;
  #bodyEnded = false;
  #discarding = false;
  #answered = false;
  readonly #tookPiece = (): void => this.#watch.moved(PIECE);
  #told = false;
  #trailers: RawHeaders | null = null;
  #sentTrailers: RawHeaders | null = null;
  #gone: GoneWhy = 'closed';
  #left: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, connection: ClientConnection, front: Front, hasBody: boolean) {
    this.#stream = stream;
    this.#hasBody = hasBody;
    this.connection = connection;
    this.#watch = front.watch((what) => this.#late(what));
    stream.on('error', () => {});
    stream.on('close', () => this.#closed());
  }

  /** `left`: the client has gone before it had its answer. */
  begin(front: Front, head: RequestHead, rules: Rules, left: () => void): void {
    this.#left = left;
    if (head.hasBody) this.#watch.expect('body');
    this.#exchange = front.begin(this, head, rules);
    if (!head.hasBody) return this.#exchange.onBodyEnd(null);
    const stream = this.#stream;
    stream.on('data', (chunk: Buffer) => this.#body(chunk));
    stream.on('trailers', (_headers: unknown, _flags: unknown, raw?: string[]) => {
      this.#trailers = raw ?? null;
    });
    stream.on('end', () => {
      if (this.#bodyEnded || stream.aborted || stream.rstCode !== NO_ERROR) return;
      this.#bodyEnded = true;
      if (!this.#discarding) this.#watch.expect('nothing');
      if (!this.#discarding) this.#exchange?.onBodyEnd(this.#trailers);
    });
  }

  #body(chunk: Buffer): void {
    if (this.#discarding) return;
    this.#watch.moved(chunk.length);
    if (this.#exchange?.onBody(chunk) === false) this.pauseBody();
  }

  #late(what: Expected): void {
    // It was reset, and the client does not even read that.
    if (this.#told) return this.#stream.session?.destroy();
    this.#gone = what === 'body' ? 'body-timeout' : 'write-timeout';
    this.#tellGone();
    this.#watch.expect('take');
    if (what !== 'body' || this.#dead || this.#stream.headersSent) return this.#reset(CANCEL);
    this.#answered = true;
    this.#stream.respond({ ':status': 408 }, { endStream: true });
    this.#reset(NO_ERROR);
  }

  #tellGone(): void {
    if (this.#told) return;
    this.#told = true;
    this.#exchange?.onGone(this.#gone);
  }

  #closed(): void {
    this.#watch.end();
    const { rstCode } = this.#stream;
    if (this.#answered && rstCode === NO_ERROR) return;
    if (this.#gone === 'closed' && rstCode !== NO_ERROR) this.#gone = 'reset';
    if (!this.#told) this.#left?.();
    this.#tellGone();
  }

  #reset(code: number): void {
    if (!this.#stream.closed) this.#stream.close(code);
  }

  get #dead(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  inform(status: number, lines: string): void {
    if (this.#dead || this.#stream.headersSent || status === 101) return;
    this.#send(() => this.#stream.additionalHeaders({ ...h2Fields(lines), ':status': status }));
  }

  respond(head: ResponseHead, body: Uint8Array | string | null, end: boolean): boolean {
    if (this.#dead || this.#stream.headersSent) return true;
    const headers = { ...h2Fields(head.lines), ':status': head.status };
    const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
    const empty = end && (bytes === null || bytes.length === 0);
    const sent = this.#send(() =>
      this.#stream.respond(headers, {
        endStream: empty || !head.hasBody,
        waitForTrailers: !end && head.hasBody,
      }),
    );
    if (!sent) return true;
    this.#stream.on('wantTrailers', () => this.#sendTrailers());
    this.#stream.on('drain', () => this.#drained());
    if (empty || !head.hasBody) {
      this.#allAnswered();
      return true;
    }
    const taken = bytes === null || bytes.length === 0 || this.write(bytes);
    if (!end) return taken;
    this.end(null);
    return false;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#dead || chunk.length === 0) return true;
    // http2 keeps what it is given until there is room in the client's window. By the piece, so that one
    // who takes little by little is seen to take.
    const bytes = Buffer.from(chunk);
    let taken = true;
    for (let at = 0; at < bytes.length; at += PIECE)
      taken = this.#stream.write(bytes.subarray(at, at + PIECE), this.#tookPiece);
    if (!taken) this.#watch.expect('take');
    return taken;
  }

  #drained(): void {
    this.#watch.expect(!this.#hasBody || this.#bodyEnded || this.#discarding ? 'nothing' : 'body');
    this.#exchange?.onDrain();
  }

  end(trailers: RawHeaders | null): void {
    if (this.#dead) return;
    this.#sentTrailers = trailers;
    this.#watch.expect('take');
    this.#stream.end((error?: Error | null) => {
      // It broke before the last byte: `#closed` tells that.
      if (error instanceof Error) return;
      this.#allAnswered();
      this.#exchange?.onSent();
    });
  }

  #sendTrailers(): void {
    if (this.#dead) return;
    const trailers = this.#sentTrailers;
    // Without any this closes the stream, which is what `end` has asked for.
    this.#send(() => this.#stream.sendTrailers(trailers === null ? {} : h2Trailers(trailers)));
  }

  /** http2 throws for fields that it does not take: an upstream has written them, and this stream is reset. */
  #send(send: () => void): boolean {
    try {
      send();
      return true;
    } catch {
      this.#reset(INTERNAL_ERROR);
      return false;
    }
  }

  /** Nothing of the answer is left to be given. */
  #allAnswered(): void {
    this.#answered = true;
    this.#watch.expect('nothing');
    // An answer before the end of the request: the rest is not wanted (RFC 9113, section 8.1).
    if (!this.#hasBody || this.#bodyEnded) return;
    this.discardBody();
    this.#reset(NO_ERROR);
  }

  break(): void {
    this.#answered = true;
    this.#reset(INTERNAL_ERROR);
  }

  pauseBody(): void {
    this.#stream.pause();
    this.#watch.expect('nothing');
  }

  resumeBody(): void {
    if (!this.#bodyEnded) this.#watch.expect('body');
    this.#stream.resume();
  }

  discardBody(): void {
    this.#discarding = true;
    this.#stream.resume();
  }

  /** RFC 8441 is not offered. */
  switchProtocols(): null {
    return null;
  }
}
