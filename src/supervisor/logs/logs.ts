/** Everything about the output of workers, as the rest of the supervisor sees it. */
import { logPaths } from '../../logs/paths.ts';
import type { Stream } from '../../logs/paths.ts';
import type { AppSpec, LogSettings } from '../../protocol/app-spec.ts';
import type { LogPlace } from '../../protocol/control.ts';
import type { NewEvent } from '../events.ts';
import type { RawHandle } from '../holder-client.ts';
import type { WorkerHandle } from '../worker-handle.ts';
import { Followers } from './followers.ts';
import { LogFiles } from './log-files.ts';
import { readOutput } from './read-output.ts';
import { removeRestsExcept, restPath } from './rest-file.ts';
import { WorkerLog } from './worker-log.ts';

type LoggingApp = Pick<AppSpec, 'name' | 'logs' | 'instances'>;

const STREAMS = ['out', 'err'] as const;

export class Logs {
  readonly files: LogFiles;
  readonly followers: Followers = new Followers();
  readonly #dir: string;

  /** @param dir Where logs are that the settings name no place for */
  constructor(dir: string, emit: (event: NewEvent) => void) {
    this.#dir = dir;
    this.files = new LogFiles(dir, emit);
  }

  /** @param settings As they are at the moment of each call; the same object while nothing has changed */
  read(worker: WorkerHandle, stream: Stream, handle: RawHandle, settings: () => LogSettings): Promise<void> {
    const { tag, tail } = worker;
    const { app, slot } = tag;
    return readOutput({
      handle,
      tag,
      stream,
      tail,
      followers: this.followers,
      restPath: restPath(this.#dir, tag.id, stream),
      log: new WorkerLog({ files: this.files, app, slot, stream, settings, pid: () => worker.pid }),
    });
  }

  /** Unfinished lines of workers that are no more have no pipe to be continued from. */
  forgetRestsExcept(workers: ReadonlySet<string>): void {
    removeRestsExcept(this.#dir, workers);
  }

  /** For people; `<slot>` stands for its number where each has a file. */
  paths({ name, logs }: LoggingApp): { readonly out: string; readonly err: string } {
    const { out, err } = logPaths(this.#dir, name, logs, '<slot>');
    return { out, err };
  }

  /** Where the logs of an app are, and how far they are written at this moment. */
  places({ name, logs, instances }: LoggingApp, stream: Stream | null): LogPlace[] {
    const slots = logs.enabled
      ? logs.perWorker
        ? Array.from({ length: instances }, (_, slot) => slot)
        : [null]
      : [];
    return slots.flatMap((slot) => {
      const paths = logPaths(this.#dir, name, logs, slot ?? 0);
      return STREAMS.filter((own) => stream === null || own === stream).map((own) => ({
        app: name,
        slot,
        stream: own,
        format: logs.format,
        ...this.files.end(paths[own]),
      }));
    });
  }
}
