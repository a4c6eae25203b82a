/**
 * Who follows the output of workers as it comes: `skein logs --follow`, and the foreground form.
 * Lines are encoded once, however many follow.
 */
import type { LogFollower } from '../../logs/follower.ts';
import type { Stream } from '../../logs/paths.ts';
import type { LogLine } from '../../protocol/control.ts';
import type { WorkerTag } from '../../protocol/holder.ts';
import { countLines } from './lines.ts';
import type { OnWritten } from './log-file.ts';

/** Gets whole lines as they came, a view that is not to be kept. */
export type RawFollower = (tag: WorkerTag, stream: Stream, lines: Buffer) => void;

/** @param offset Where in the file the first of them begins */
export const encodeLogLines = (
  lines: Buffer,
  head: Pick<LogLine, 'at' | 'app' | 'slot' | 'stream'>,
  file: string,
  offset: number,
): Buffer => {
  const start = `${JSON.stringify(head).slice(0, -1)},"text":`;
  const all: string[] = [];
  let from = 0;
  for (let end = lines.indexOf(10); end !== -1; end = lines.indexOf(10, from)) {
    const text = JSON.stringify(lines.toString('utf8', from, end));
    from = end + 1;
    all.push(`${start}${text},"cursor":"${file}:${offset + from}"}\n`);
  }
  return Buffer.from(all.join(''));
};

export class Followers {
  readonly #all = new Set<LogFollower>();
  readonly #raw = new Set<RawFollower>();

  /** Returns what ends it. */
  add(follower: LogFollower): () => void {
    this.#all.add(follower);
    return () => this.#all.delete(follower);
  }

  addRaw(follower: RawFollower): () => void {
    this.#raw.add(follower);
    return () => this.#raw.delete(follower);
  }

  raw(tag: WorkerTag, stream: Stream, lines: Buffer): void {
    for (const follower of this.#raw) follower(tag, stream, lines);
  }

  /** What to call with lines as they are in the log; undefined while nobody wants them. */
  onWritten({ app, slot }: WorkerTag, stream: Stream): OnWritten | undefined {
    const wanting = [...this.#all].filter(({ wants }) => wants(app, stream));
    if (wanting.length === 0) return undefined;
    return (lines, file, offset) => {
      const taking = wanting.filter(({ takes }) => takes());
      // Encoding is what costs: for who has stopped reading, lines are only counted.
      if (taking.length < wanting.length) {
        const count = countLines(lines);
        for (const follower of wanting) if (!taking.includes(follower)) follower.miss(count);
      }
      if (taking.length === 0) return;
      const encoded = encodeLogLines(lines, { at: Date.now(), app, slot, stream }, file, offset);
      for (const { send } of taking) send(encoded);
    };
  }
}
