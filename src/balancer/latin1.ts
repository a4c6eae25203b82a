/** Bytes as latin1 text: each is one character, so nothing is lost on the way there and back. */

/** What `toString('latin1', from, to)` calls in the end; a call of a fraction of a microsecond counts here. */
interface Slices {
  latin1Slice(from: number, to: number): string;
}

export const latin1 = (bytes: Buffer, from: number, to: number): string =>
  (bytes as unknown as Slices).latin1Slice(from, to);

export const latin1Of = (bytes: Uint8Array): string =>
  latin1(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
