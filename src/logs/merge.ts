/** Several logs as one, in the order of time as far as it is known. */
import type { LogLine } from '../protocol/control.ts';

type Source = AsyncIterator<LogLine> | Iterator<LogLine>;

interface Head {
  readonly source: Source;
  readonly line: LogLine;
  readonly at: number;
}

/** A line without a time is as old as the one before it in its log. */
const next = async (source: Source, before: number): Promise<Head | null> => {
  const result = await source.next();
  return result.done === true
    ? null
    : { source, line: result.value, at: Math.max(before, result.value.at ?? 0) };
};

/** Lines of one log stay in their order; of two at the same time, that of the earlier log is first. */
export async function* mergeLines(
  logs: readonly (Iterable<LogLine> | AsyncIterable<LogLine>)[],
): AsyncGenerator<LogLine, void, void> {
  const heads: (Head | null)[] = [];
  for (const log of logs)
    heads.push(
      await next(Symbol.asyncIterator in log ? log[Symbol.asyncIterator]() : log[Symbol.iterator](), 0),
    );
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries())
      if (head !== null && (first === -1 || head.at < heads[first]!.at)) first = index;
    const head = heads[first];
    if (head === null || head === undefined) return;
    yield head.line;
    heads[first] = await next(head.source, head.at);
  }
}
