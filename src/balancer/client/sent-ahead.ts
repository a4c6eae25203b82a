/** A request that a client sent before the one before it was answered; it waits, with what came of its body. */
import type { RawHeaders } from '../headers/raw-headers.ts';

/** Who gets a request's body. */
export interface Receiver {
  onBody(chunk: Uint8Array): boolean;
  onBodyEnd(trailers: RawHeaders | null): void;
}

export const IGNORED: Receiver = { onBody: () => true, onBodyEnd: () => undefined };

/** A head as the parser read it. */
export interface CameHead {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly raw: RawHeaders;
  readonly beganAt: number;
  readonly arrivedAt: number;
  /** The parser stopped behind it: what follows is another protocol, or the client thinks so. */
  readonly upgrade: boolean;
  readonly keepAlive: boolean;
}

/** In the place of one that cannot be read. */
export const NO_REQUEST: CameHead = {
  method: '',
  target: '',
  version: '1.1',
  raw: [],
  beganAt: 0,
  arrivedAt: 0,
  upgrade: false,
  keepAlive: false,
};

export class SentAhead implements Receiver {
  readonly came: CameHead;
  complete = false;
  private readonly chunks: Uint8Array[] = [];
  private trailers: RawHeaders | null = null;

  constructor(came: CameHead) {
    this.came = came;
  }

  onBody(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    return true;
  }

  onBodyEnd(trailers: RawHeaders | null): void {
    this.complete = true;
    this.trailers = trailers;
  }

  /** False: `receiver` wants no more for now. */
  passTo(receiver: Receiver): boolean {
    let open = true;
    for (const chunk of this.chunks) open = receiver.onBody(chunk);
    if (this.complete) receiver.onBodyEnd(this.trailers);
    return open;
  }
}
