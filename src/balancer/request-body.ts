/**
 * A request's body on its way to an upstream. Its beginning is kept while the whole of it may be needed
 * for another try; what comes before there is a connection waits here.
 */
import type { RawHeaders } from './headers/raw-headers.ts';
import { safeTrailers } from './headers/trailers.ts';
import { latin1Of } from './latin1.ts';
import { KEPT_BODY_BYTES } from './retry-rules.ts';

/** Where it goes; false: no more for now. */
export interface BodySink {
  requestDone: boolean;
  write(bytes: Uint8Array | string): boolean;
  cork(): void;
  uncork(): void;
}

/** Up to here one text costs less than three writes. */
const SMALL = 4096;
const NOTHING: readonly Uint8Array[] = [];

export class RequestBody {
  /** All of it has come from the client. */
  complete = false;
  bytes = 0;
  private readonly chunked: boolean;
  private kept: Uint8Array[] | null = [];
  private trailers: RawHeaders | null = null;
  private sink: BodySink | null = null;

  constructor(chunked: boolean) {
    this.chunked = chunked;
  }

  /** Part of it was passed on and is not here any more. */
  get gone(): boolean {
    return this.kept === null;
  }

  /** False: no more for now. */
  take(chunk: Uint8Array): boolean {
    // In chunks, nothing is the end of the body.
    if (chunk.length === 0) return true;
    this.bytes += chunk.length;
    const { sink } = this;
    if (this.kept !== null) {
      if (sink === null || this.bytes <= KEPT_BODY_BYTES) this.kept.push(chunk);
      else this.kept = null;
    }
    if (sink === null) return this.bytes < KEPT_BODY_BYTES;
    return this.pass(sink, chunk);
  }

  end(trailers: RawHeaders | null): void {
    this.complete = true;
    this.trailers = trailers === null ? null : safeTrailers(trailers);
    if (this.sink !== null) this.finish(this.sink);
  }

  /** The request's head has been written to `sink`. False: it takes no more for now. */
  begin(sink: BodySink): boolean {
    this.sink = sink;
    let open = true;
    for (const chunk of this.kept ?? NOTHING) open = this.pass(sink, chunk);
    if (this.bytes > KEPT_BODY_BYTES) this.kept = null;
    if (this.complete) this.finish(sink);
    return open;
  }

  /** That try is over. */
  stop(): void {
    this.sink = null;
  }

  private pass(sink: BodySink, chunk: Uint8Array): boolean {
    if (!this.chunked) return sink.write(chunk);
    const size = `${chunk.length.toString(16)}\r\n`;
    if (chunk.length <= SMALL) return sink.write(`${size}${latin1Of(chunk)}\r\n`);
    sink.cork();
    sink.write(size);
    sink.write(chunk);
    const open = sink.write('\r\n');
    sink.uncork();
    return open;
  }

  private finish(sink: BodySink): void {
    sink.requestDone = true;
    if (!this.chunked) return;
    let end = '0\r\n';
    const trailers = this.trailers ?? [];
    for (let at = 0; at < trailers.length; at += 2)
      end += `${trailers[at] ?? ''}: ${trailers[at + 1] ?? ''}\r\n`;
    sink.write(`${end}\r\n`);
  }
}
