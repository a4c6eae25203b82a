/** Cuts chunks of bytes into whole lines. Pure. */

/** A line that gets longer is broken: what never ends must not fill the memory. */
export const MOST_LINE: number = 16 << 20;

const NEWLINE = 10;

/** How many lines end in these bytes, as far as somebody wants to know. */
export const countLines = (bytes: Buffer, most: number = Infinity): number => {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1 && count < most; at = bytes.indexOf(NEWLINE, at + 1))
    count += 1;
  return count;
};

const newline = Buffer.from('\n');

/** Where to cut at most at `length`, so that no UTF-8 character is split. */
const characterBorder = (bytes: Buffer, length: number): number => {
  let at = length;
  while (at > length - 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at > length - 4 ? at : length;
};

export class Lines {
  readonly #most: number;
  /** The line that has begun, in pieces: joined once, however many there are. */
  #rest: Buffer[];
  #length: number;

  /** @param rest What an earlier reader of the same stream had left over */
  constructor(rest: Buffer = Buffer.alloc(0), most: number = MOST_LINE) {
    this.#most = most;
    this.#rest = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
  }

  get rest(): readonly Buffer[] {
    return this.#rest;
  }

  get restLength(): number {
    return this.#length;
  }

  /**
   * Whole lines with their newlines, or null. May be a view of `chunk`, which is not kept.
   * @param headroom So many bytes in front of `chunk`, in the same memory, may be written to: the
   *   line that had begun goes there, and nothing has to be allocated
   */
  push(chunk: Buffer, headroom: number = 0): Buffer | null {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const begun = chunk.subarray(end);
    if (end === 0) {
      this.#keep([...this.#rest, Buffer.from(begun)], this.#length + begun.length);
      return this.#length > this.#most ? this.#break() : null;
    }
    const head = chunk.subarray(0, end);
    const whole = this.#length === 0 ? head : this.#joined(head, headroom);
    this.#keep(begun.length === 0 ? [] : [Buffer.from(begun)], begun.length);
    return whole;
  }

  /** The last line, if it had no newline; it gets one. */
  end(): Buffer | null {
    const whole = this.#length === 0 ? null : Buffer.concat([...this.#rest, newline]);
    this.#keep([], 0);
    return whole;
  }

  #joined(head: Buffer, headroom: number): Buffer {
    if (this.#length > headroom) return Buffer.concat([...this.#rest, head]);
    const { buffer, byteOffset, length } = head;
    const whole = Buffer.from(buffer, byteOffset - this.#length, this.#length + length);
    let at = 0;
    for (const piece of this.#rest) at += piece.copy(whole, at);
    return whole;
  }

  #break(): Buffer {
    const all = Buffer.concat(this.#rest);
    const cut = characterBorder(all, this.#most);
    this.#keep([all.subarray(cut)], all.length - cut);
    return Buffer.concat([all.subarray(0, cut), newline]);
  }

  #keep(rest: Buffer[], length: number): void {
    this.#rest = rest;
    this.#length = length;
  }
}
