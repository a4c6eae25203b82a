/** The lines of a file from some byte on, one after the other. */
import { closeSync, createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Segment } from './segments.ts';
import { openSegment } from './segments.ts';

export interface StoredLine {
  readonly text: string;
  /** Where it begins. */
  readonly offset: number;
}

/** A file that is damaged ends where it can be read no more. Its descriptor is closed. */
async function* chunksOf(segment: Segment): AsyncGenerator<Buffer, void, void> {
  const opened = openSegment(segment);
  if (opened === null) return;
  const { fd, compressed } = opened;
  const { from, to } = segment;
  if (!compressed && to !== null && to <= from) return closeSync(fd);
  const range = compressed || to === null ? { start: 0 } : { start: from, end: to - 1 };
  const file = createReadStream('', { fd, ...range });
  const stream = compressed ? file.pipe(createGunzip()) : file;
  if (compressed) file.on('error', (error) => stream.destroy(error));
  // What is compressed is read from its beginning, and to its end.
  let at = compressed ? 0 : from;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const wanted = chunk.subarray(Math.max(0, from - at), Math.max(0, (to ?? Infinity) - at));
      at += chunk.length;
      if (wanted.length > 0) yield wanted;
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
