/** The lines of a file from some byte on, one after the other. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Segment } from './segments.ts';

export interface StoredLine {
  readonly text: string;
  /** Where it begins. */
  readonly offset: number;
}

/** A file that is damaged, or is thrown away by a rotation meanwhile, ends where it can be read no more. */
async function* chunksOf({ path, compressed, from, to }: Segment): AsyncGenerator<Buffer, void, void> {
  if (to !== null && to <= from) return;
  const file = createReadStream(path, compressed || to === null ? {} : { start: from, end: to - 1 });
  const stream = compressed ? file.pipe(createGunzip()) : file;
  if (compressed) file.on('error', (error) => stream.destroy(error));
  let skip = compressed ? from : 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const rest = chunk.subarray(skip);
      skip -= chunk.length - rest.length;
      if (rest.length > 0) yield rest;
    }
  } catch {
    // See above.
  } finally {
    file.destroy();
  }
}

export async function* readForward(segment: Segment): AsyncGenerator<StoredLine, void, void> {
  let begun: Buffer[] = [];
  let offset = segment.from;
  for await (const chunk of chunksOf(segment)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]);
      begun = [];
      from = end + 1;
      yield { text: line.toString(), offset };
      offset += line.length + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield { text: Buffer.concat(begun).toString(), offset };
}
