/**
 * Takes the chunked coding off (RFC 9112, section 7.1), in place: the data of all chunks in one read are
 * moved together, so that a read is one write however many chunks it has. Extensions are dropped.
 */
import type { RawHeaders } from '../headers/raw-headers.ts';

type State =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  /** At the beginning of a line of the trailer section. */
  | 'trailer'
  | 'trailer-line'
  | 'trailer-lf'
  | 'end-lf'
  | 'done'
  | 'broken';

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
/** 2^48 bytes in one chunk are more than anybody has, and exact. */
const MOST_DIGITS = 12;
/** Of extensions in a row of chunks without data to speak of, and of trailers. */
const MOST_OVERHEAD = 16 * 1024;

const digit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

const TRAILER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\u0020-\u007E\u0080-\u00FF]*)$/;

export class ChunkScanner {
  /** Where the body ended in the bytes of the last `scan`, when it is `done`. */
  next = 0;
  private state: State = 'size';
  private left = 0;
  private digits = 0;
  private overhead = 0;
  private trailerText = '';

  get done(): boolean {
    return this.state === 'done';
  }

  get broken(): boolean {
    return this.state === 'broken';
  }

  /** Trailers as they came; null: none. Once it is done. */
  trailers(): RawHeaders | null {
    if (this.trailerText === '') return null;
    const raw: string[] = [];
    for (const line of this.trailerText.split('\r\n')) {
      const [, name, value] = TRAILER.exec(line) ?? [];
      if (name !== undefined) raw.push(name, (value ?? '').trimEnd());
    }
    return raw;
  }

  /** Moves the data in `bytes` from `from` to `to` to `from` on, and returns where they end. */
  scan(bytes: Buffer, from: number, to: number): number {
    let out = from;
    let at = from;
    while (at < to) {
      if (this.state === 'data') {
        const size = Math.min(this.left, to - at);
        if (out !== at) bytes.copyWithin(out, at, at + size);
        out += size;
        at += size;
        this.left -= size;
        if (this.left === 0) this.state = 'data-cr';
      } else {
        const byte = bytes[at] ?? 0;
        at += 1;
        this.state = this.step(byte);
        if (this.state === 'done') {
          this.next = at;
          break;
        }
        if (this.state === 'broken') break;
      }
    }
    return out;
  }

  private step(byte: number): State {
    switch (this.state) {
      case 'size':
        return this.sizeDigit(byte);
      case 'extension':
        return this.extension(byte);
      case 'size-lf':
        if (byte !== LF) return 'broken';
        this.digits = 0;
        return this.left === 0 ? 'trailer' : 'data';
      case 'data-cr':
        return byte === CR ? 'data-lf' : 'broken';
      case 'data-lf':
        return byte === LF ? 'size' : 'broken';
      case 'trailer':
        if (byte === CR) return 'end-lf';
        return this.trailerByte(byte);
      case 'trailer-line':
        return byte === CR ? 'trailer-lf' : this.trailerByte(byte);
      case 'trailer-lf':
        return byte === LF ? this.trailerEnd() : 'broken';
      case 'end-lf':
        return byte === LF ? 'done' : 'broken';
      case 'data':
      case 'done':
      case 'broken':
        return this.state;
    }
  }

  private sizeDigit(byte: number): State {
    const value = digit(byte);
    if (value !== -1) {
      this.digits += 1;
      this.left = this.left * 16 + value;
      return this.digits > MOST_DIGITS ? 'broken' : 'size';
    }
    if (this.digits === 0) return 'broken';
    if (byte === CR) return 'size-lf';
    return byte === SEMICOLON ? 'extension' : 'broken';
  }

  private extension(byte: number): State {
    if (byte === CR) return 'size-lf';
    this.overhead += 1;
    if (this.overhead > MOST_OVERHEAD) return 'broken';
    return (byte < 32 && byte !== 9) || byte === 127 ? 'broken' : 'extension';
  }

  private trailerByte(byte: number): State {
    if (byte === LF || this.trailerText.length >= MOST_OVERHEAD) return 'broken';
    this.trailerText += String.fromCodePoint(byte);
    return 'trailer-line';
  }

  private trailerEnd(): State {
    const start = this.trailerText.lastIndexOf('\r\n') + 1;
    const line = this.trailerText.slice(start === 0 ? 0 : start + 1);
    if (!TRAILER.test(line)) return 'broken';
    this.trailerText += '\r\n';
    return 'trailer';
  }
}
