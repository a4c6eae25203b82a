/** The part of the control API that is about logs. What is in the files, the client reads itself. */
import type { LogFollower } from '../logs/follower.ts';
import type { Stream } from '../logs/paths.ts';
import type { LogPlace } from '../protocol/control.ts';
import type { Follow } from './router.ts';

/** What the supervisor offers. Methods throw `SkeinError`s. */
export interface LogApi {
  names(targets: readonly string[]): string[];
  logPlaces(targets: readonly string[], stream: Stream | null): LogPlace[];
  followLogs(follower: LogFollower): () => void;
  /** The paths of the files that were emptied. */
  flushLogs(targets: readonly string[]): string[];
  reopenLogs(): void;
}

/** What a follower that does not read (a terminal at Ctrl-S, a stopped process) may keep waiting, in bytes. */
const MOST_WAITING = 1 << 20;

/** First where the logs are, then, if wanted, what comes from there on: nothing is in both or in neither. */
export const followLogs = (api: LogApi, query: URLSearchParams): Follow => {
  const targets = query.getAll('target');
  const apps = targets.length === 0 ? null : new Set(api.names(targets));
  const wanted = query.get('stream');
  const stream = wanted === 'out' || wanted === 'err' ? wanted : null;
  const follows = query.has('follow');
  return (send, end, wire) => {
    send({ logs: api.logPlaces(targets, stream) });
    if (!follows) {
      end();
      return undefined;
    }
    let missed = 0;
    wire.onDrain(() => {
      if (missed === 0) return;
      send({ missed });
      missed = 0;
    });
    return api.followLogs({
      wants: (app, own) => (apps === null || apps.has(app)) && (stream === null || stream === own),
      takes: () => missed === 0 && wire.waiting() <= MOST_WAITING,
      miss: (lines) => void (missed += lines),
      send: (encoded) => wire.write(encoded),
    });
  };
};
