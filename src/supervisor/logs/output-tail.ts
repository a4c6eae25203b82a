/** The last output of a worker, both streams as they came, for when it fails. */

const KEPT = 4096;

export class OutputTail {
  readonly #bytes = Buffer.alloc(KEPT);
  #length = 0;

  /** Whole lines. */
  add(lines: Buffer): void {
    const last = lines.subarray(-KEPT);
    const keep = Math.min(this.#length, KEPT - last.length);
    this.#bytes.copyWithin(0, this.#length - keep, this.#length);
    last.copy(this.#bytes, keep);
    this.#length = keep + last.length;
  }

  get text(): string {
    return this.#bytes.toString('utf8', 0, this.#length).trimEnd();
  }
}
