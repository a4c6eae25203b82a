/**
 * Lines on their way to a stream, all of one turn of the event loop in one write. Who reads too slowly, or
 * not at all, loses lines, which are counted; a request never waits for its line.
 */
import type { Writable } from 'node:stream';

/** Characters at which a write does not wait for the end of the turn. */
const AT_ONCE = 64 << 10;
/** Characters that may wait for a slow reader. */
const MOST_WAITING = 1 << 20;

export interface LineWriterOptions {
  readonly stream: () => Writable;
  /** The line that stands where lines are missing. */
  readonly droppedLine: (dropped: number) => string;
}

export class LineWriter {
  readonly #options: LineWriterOptions;
  #stream: Writable | undefined;
  #waiting = '';
  #scheduled = false;
  /** The stream has enough. */
  #full = false;
  /** It will never take anything again. */
  #broken = false;
  #dropped = 0;
  #untold = 0;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Lines that nobody will ever see. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `line` has its end. */
  add(line: string): void {
    if (this.#broken || this.#waiting.length + line.length > MOST_WAITING) {
      this.#dropped += 1;
      this.#untold += 1;
      return;
    }
    this.#waiting += line;
    if (this.#waiting.length >= AT_ONCE) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#turnEnds);
    }
  }

  /** Hands over what waits, unless the stream has enough. */
  flush(): void {
    if (this.#full || this.#broken || (this.#waiting === '' && this.#untold === 0)) return;
    const lines = this.#waiting;
    const missing = this.#untold;
    this.#waiting = '';
    this.#untold = 0;
    const stream = this.#opened();
    this.#full = !stream.write(missing === 0 ? lines : lines + this.#options.droppedLine(missing));
  }

  /** Resolves when all lines are handed to the system, or nobody takes them within that time. Never rejects. */
  close(withinMs = 1000): Promise<void> {
    this.#full = false;
    this.flush();
    const stream = this.#stream;
    if (stream === undefined || this.#broken) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stream.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      stream.on('close', done);
      // Called when everything before it has gone, or cannot go.
      stream.write('', done);
    });
  }

  readonly #turnEnds = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #opened(): Writable {
    if (this.#stream !== undefined) return this.#stream;
    const stream = this.#options.stream();
    this.#stream = stream;
    stream.on('drain', () => {
      this.#full = false;
      this.flush();
    });
    const broke = (): void => {
      this.#broken = true;
      this.#waiting = '';
    };
    // EPIPE: whoever read it has gone. Without a listener it would end the process.
    stream.on('error', broke);
    stream.on('close', broke);
    return stream;
  }
}
