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

type Form = Pick<LogSettings, 'format' | 'timestamp'>;

interface Text {
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1';
}

/** null: the lines stay as they are. */
const textOf = (lines: Buffer, { format, timestamp }: Form, source: Source, at: Date): Text | null => {
  if (format === 'json') {
    const head = `${jsonHead(source, at)},"text":`;
    const texts = lines.toString('utf8', 0, lines.length - 1).split('\n');
    return { text: texts.map((text) => `${head}${JSON.stringify(text)}}\n`).join(''), encoding: 'utf8' };
  }
  if (timestamp === null) return null;
  // As bytes: latin1 has one character for each, so what is no UTF-8 comes through as it was.
  const prefix = Buffer.from(`${formatTimestamp(timestamp, at)}: `).toString('latin1');
  const texts = lines.toString('latin1', 0, lines.length - 1);
  return { text: `${prefix}${texts.replaceAll('\n', () => `\n${prefix}`)}\n`, encoding: 'latin1' };
};

/** Buffers live outside of the heap; a thousand new ones a second would not be collected in time. */
let scratch: Buffer = Buffer.alloc(0);
const MOST_SCRATCH = 2 << 20;

const inScratch = ({ text, encoding }: Text): Buffer => {
  const most = encoding === 'latin1' ? text.length : text.length * 3;
  if (most > MOST_SCRATCH) return Buffer.from(text, encoding);
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(Math.min(MOST_SCRATCH, most * 2));
  return scratch.subarray(0, scratch.write(text, encoding));
};

/**
 * @param lines Whole lines, each with its newline. Plain ones without a time come back untouched;
 *   others are good until the next call.
 */
export const formatLines = (lines: Buffer, form: Form, source: Source, at: Date): Buffer => {
  const text = textOf(lines, form, source, at);
  return text === null ? lines : inScratch(text);
};

/** A line of Skein's own in an app's log. */
export const noteLine = (note: string, form: Form, source: Source, at: Date): Buffer => {
  const line = Buffer.from(`skein: ${note}\n`);
  const told = textOf(line, form, { ...source, slot: null, pid: null }, at);
  return told === null ? line : Buffer.from(told.text, told.encoding);
};
