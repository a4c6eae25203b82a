/** Whole lines as they come from a worker to whole lines as they go into its log. Pure. */
import type { Stream } from '../../logs/paths.ts';
import type { LogSettings } from '../../protocol/app-spec.ts';
import { formatTimestamp } from './timestamp.ts';

export interface Source {
  readonly app: string;
  readonly slot: number | null;
  readonly pid: number | null;
  readonly stream: Stream;
}

/** Of a line in the form `json`, all but its `text`; docs/logs.md describes it. */
const jsonHead = (source: Source, at: Date): string => {
  const { app, slot, pid, stream } = source;
  return JSON.stringify({ time: at.toISOString(), app, slot, pid, stream }).slice(0, -1);
};

/** @param lines Whole lines, each with its newline. Plain ones without a time come back untouched. */
export const formatLines = (
  lines: Buffer,
  { format, timestamp }: Pick<LogSettings, 'format' | 'timestamp'>,
  source: Source,
  at: Date,
): Buffer => {
  if (format === 'json') {
    const head = `${jsonHead(source, at)},"text":`;
    const texts = lines.toString('utf8', 0, lines.length - 1).split('\n');
    return Buffer.from(texts.map((text) => `${head}${JSON.stringify(text)}}\n`).join(''));
  }
  if (timestamp === null) return lines;
  // As bytes: latin1 has one character for each, so what is no UTF-8 comes through as it was.
  const prefix = Buffer.from(`${formatTimestamp(timestamp, at)}: `).toString('latin1');
  const texts = lines.toString('latin1', 0, lines.length - 1);
  return Buffer.from(`${prefix}${texts.replaceAll('\n', () => `\n${prefix}`)}\n`, 'latin1');
};

/** A line of Skein's own in an app's log. */
export const noteLine = (
  text: string,
  settings: Pick<LogSettings, 'format' | 'timestamp'>,
  source: Source,
  at: Date,
): Buffer => formatLines(Buffer.from(`skein: ${text}\n`), settings, { ...source, slot: null, pid: null }, at);
