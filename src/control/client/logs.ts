/**
 * Lines of logs: what has been written is read from the files, what comes is told by the
 * supervisor. It says first how far the files are written, so the two meet without a gap and
 * without a line twice, also when a supervisor dies and the next one goes on.
 */
import { lastLogLines, lastOf, logLinesFrom, logLinesSince } from '../../logs/history.ts';
import type { Accept } from '../../logs/history.ts';
import { mergeLines } from '../../logs/merge.ts';
import type { LogLine, LogMessage, LogPlace } from '../../protocol/control.ts';
import { pauseBetween, retryWhileGone } from './retry.ts';

export interface LogQuery {
  readonly targets: readonly string[];
  /** The last of each log; undefined: all. */
  readonly lines: number | undefined;
  /** Milliseconds since the epoch; undefined: since ever. */
  readonly since?: number | undefined;
  readonly follow: boolean;
  readonly stream: 'out' | 'err' | undefined;
  /** Which lines count; all of them by default. */
  readonly accept?: Accept;
  /** So many lines came faster than they were taken, and are only in the files. */
  readonly onMissed?: (lines: number) => void;
}

type Messages = AsyncIterator<LogMessage, unknown, void>;

/** Opens `GET /v1/logs`, with what follows after the path. */
export type OpenLogs = (follow: boolean) => Promise<AsyncGenerator<LogMessage, void, void>>;

/** Both streams in one file, or several apps: it is read once. */
const distinct = (places: readonly LogPlace[]): LogPlace[] =>
  [...new Map(places.toReversed().map((place) => [place.path, place])).values()].toReversed();

/** The first message. */
const placesOf = async (messages: Messages): Promise<LogPlace[]> => {
  const first = await messages.next();
  return first.done !== true && 'logs' in first.value ? distinct(first.value.logs) : [];
};

const history = async (
  places: readonly LogPlace[],
  query: LogQuery,
): Promise<AsyncGenerator<LogLine, void, void>> => {
  const { lines, since, stream, accept = () => true } = query;
  const wanted: Accept = (line) => (stream === undefined || line.stream === stream) && accept(line);
  if (since !== undefined && lines === undefined)
    return mergeLines(places.map((place) => logLinesSince(place, since, wanted)));
  const last = lines ?? Infinity;
  return mergeLines(
    await Promise.all(
      places.map((place) =>
        since === undefined
          ? lastLogLines(place, last, wanted)
          : lastOf(logLinesSince(place, since, wanted), last),
      ),
    ),
  );
};

/** How far each log has been told, by its path. */
class Told {
  readonly #cursors = new Map<string, { file: string; offset: number }>();
  #pathOf = new Map<string, string>();

  #key({ app, slot, stream }: Pick<LogPlace, 'app' | 'slot' | 'stream'>): string {
    return `${app}\0${stream}\0${slot ?? ''}`;
  }

  cursor(place: LogPlace): { file: string; offset: number } | undefined {
    return this.#cursors.get(place.path);
  }

  upTo(places: readonly LogPlace[]): void {
    for (const { path, file, offset } of places) this.#cursors.set(path, { file, offset });
  }

  /** Where lines of which worker stand. */
  learn(places: readonly LogPlace[]): void {
    this.#pathOf = new Map(places.map((place) => [this.#key(place), place.path]));
  }

  note(line: LogLine & { readonly cursor: string }): void {
    const path = this.#pathOf.get(this.#key(line)) ?? this.#pathOf.get(this.#key({ ...line, slot: null }));
    const [file = '', offset = ''] = line.cursor.split(':');
    if (path !== undefined && file !== '') this.#cursors.set(path, { file, offset: Number(offset) });
  }
}

/** @throws SkeinError what `open` throws */
export async function* followLogs(open: OpenLogs, query: LogQuery): AsyncGenerator<LogLine, void, void> {
  const { accept = () => true, stream, onMissed = () => {} } = query;
  const isWanted: Accept = (line) => (stream === undefined || line.stream === stream) && accept(line);
  const told = new Told();
  const first = await retryWhileGone(() => open(false));
  const places = await placesOf(first);
  yield* await history(places, query);
  if (!query.follow) return;
  told.upTo(places);
  for (;;) {
    const openedAt = performance.now();
    const messages = await retryWhileGone(() => open(true));
    const opening = await messages.next();
    if (opening.done !== true && 'logs' in opening.value) {
      const now = distinct(opening.value.logs);
      told.learn(opening.value.logs);
      const missing = now.map((place) => {
        const cursor = told.cursor(place);
        return cursor === undefined ? [] : logLinesFrom(place, cursor, isWanted);
      });
      yield* mergeLines(missing);
      told.upTo(now);
      for await (const message of messages) {
        if ('missed' in message) onMissed(message.missed);
        else if ('cursor' in message) {
          told.note(message);
          const { cursor: _, ...line } = message;
          if (accept(line)) yield line;
        }
      }
    }
    await pauseBetween(openedAt);
  }
}
