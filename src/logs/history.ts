/** What a log has, as lines for people and programs: the last ones, those since a time, those since a byte. */
import { closeSync } from 'node:fs';
import type { LogLine, LogPlace } from '../protocol/control.ts';
import { readBackward } from './read-backward.ts';
import type { StoredLine } from './read-forward.ts';
import { readForward } from './read-forward.ts';
import type { Segment } from './segments.ts';
import { closeSegments, openSegment, segmentsFrom, segmentsOf } from './segments.ts';
import { offsetSince, timeAt } from './time-index.ts';

export type Accept = (line: LogLine) => boolean;

/** A line of a JSON log as Skein writes it; null: it is another one. */
const parseJson = (text: string): LogLine | null => {
  try {
    const { time, app, slot, stream, text: own } = JSON.parse(text) as Record<string, unknown>;
    if (typeof own !== 'string' || typeof app !== 'string' || (stream !== 'out' && stream !== 'err'))
      return null;
    const at = Date.parse(String(time));
    return {
      at: Number.isNaN(at) ? null : at,
      app,
      slot: typeof slot === 'number' ? slot : null,
      stream,
      text: own,
    };
  } catch {
    return null;
  }
};

const asLogLine = (place: LogPlace, { times }: Segment, { text, offset }: StoredLine): LogLine => {
  const known = place.format === 'json' ? parseJson(text) : null;
  if (known !== null) return known;
  const { app, slot, stream } = place;
  return { at: timeAt(times, offset), app, slot, stream, text };
};

async function* forward(
  place: LogPlace,
  segments: readonly Segment[],
  accept: Accept,
): AsyncGenerator<LogLine, void, void> {
  for (const segment of segments)
    for await (const stored of readForward(segment)) {
      const line = asLogLine(place, segment, stored);
      if (accept(line)) yield line;
    }
}

/** The last `count` of a stream that is read to its end. */
export const lastOf = async (lines: AsyncIterable<LogLine>, count: number): Promise<LogLine[]> => {
  let last: LogLine[] = [];
  for await (const line of lines) {
    last.push(line);
    // Not at every line: cutting costs as much as all that is kept.
    if (last.length > count * 2 + 1000) last = last.slice(-count);
  }
  return count === 0 ? [] : last.slice(-count);
};

const backward = (
  place: LogPlace,
  fd: number,
  segment: Segment,
  count: number,
  accept: Accept,
): LogLine[] => {
  const found: LogLine[] = [];
  for (const stored of readBackward(fd, segment)) {
    const line = asLogLine(place, segment, stored);
    if (accept(line)) found.push(line);
    if (found.length >= count) break;
  }
  return found.toReversed();
};

const lastOfSegment = async (
  place: LogPlace,
  segment: Segment,
  count: number,
  accept: Accept,
): Promise<LogLine[]> => {
  const opened = openSegment(segment);
  if (opened === null) return [];
  const { fd, compressed } = opened;
  if (compressed) return await lastOf(forward(place, [{ ...segment, fd, compressed }], accept), count);
  try {
    return backward(place, fd, segment, count, accept);
  } finally {
    closeSync(fd);
  }
};

/** The last `count` lines that are accepted, in their order. Reads no more than it must. */
export const lastLogLines = async (place: LogPlace, count: number, accept: Accept): Promise<LogLine[]> => {
  const found: LogLine[][] = [];
  let left = count;
  for (const segment of segmentsOf(place).toReversed()) {
    if (left <= 0) {
      closeSegments([segment]);
      continue;
    }
    const here = await lastOfSegment(place, segment, left, accept);
    found.unshift(here);
    left -= here.length;
  }
  return found.flat();
};

/** Those written since a time (milliseconds since the epoch), to about a second. */
export async function* logLinesSince(
  place: LogPlace,
  since: number,
  accept: Accept,
): AsyncGenerator<LogLine, void, void> {
  const segments = segmentsOf(place).flatMap((segment) => {
    const from = segment.times.length === 0 ? 0 : offsetSince(segment.times, since);
    if (segment.changedAt >= since && from !== null) return [{ ...segment, from }];
    closeSegments([segment]);
    return [];
  });
  const isNew: Accept = (line) => place.format !== 'json' || line.at === null || line.at >= since;
  yield* forward(place, segments, (line) => isNew(line) && accept(line));
}

/** Those from a byte of a file on that may have been set aside since. */
export const logLinesFrom = (
  place: LogPlace,
  cursor: { readonly file: string; readonly offset: number },
  accept: Accept,
): AsyncGenerator<LogLine, void, void> => forward(place, segmentsFrom(segmentsOf(place), cursor), accept);
