/** Where the lines of one worker and stream go. Follows the app's settings when they change. */
import type { LogPaths, Stream } from '../../logs/paths.ts';
import { logPaths } from '../../logs/paths.ts';
import type { LogSettings } from '../../protocol/app-spec.ts';
import { formatLines, noteLine } from './format.ts';
import type { Source } from './format.ts';
import type { LogFile, OnWritten } from './log-file.ts';
import type { LogFiles } from './log-files.ts';

export interface WorkerLogOptions {
  readonly files: LogFiles;
  readonly app: string;
  readonly slot: number;
  readonly stream: Stream;
  readonly pid: () => number | null;
  /** As they are now; the same object as long as nothing has changed. */
  readonly settings: () => LogSettings;
}

interface Target {
  readonly settings: LogSettings;
  readonly own: LogFile;
  readonly combined: LogFile | null;
}

export class WorkerLog {
  readonly #options: WorkerLogOptions;
  #target: Target | null = null;

  constructor(options: WorkerLogOptions) {
    this.#options = options;
  }

  /** @param onWritten Called with lines as they stand in the file */
  append(lines: Buffer, onWritten?: OnWritten): void {
    const settings = this.#options.settings();
    if (!settings.enabled) {
      onWritten?.(lines, '', 0);
      return;
    }
    const { own, combined } = this.#targetFor(settings);
    const formatted = formatLines(lines, settings, this.#source(), new Date());
    own.append(formatted, onWritten);
    combined?.append(formatted);
  }

  close(): void {
    if (this.#target === null) return;
    const { files } = this.#options;
    files.release(this.#target.own);
    if (this.#target.combined !== null) files.release(this.#target.combined);
    this.#target = null;
  }

  #source(): Source {
    const { app, slot, stream, pid } = this.#options;
    return { app, slot, stream, pid: pid() };
  }

  #targetFor(settings: LogSettings): Target {
    if (this.#target?.settings === settings) return this.#target;
    const { files, app, slot, stream } = this.#options;
    const paths: LogPaths = logPaths(files.dir, app, settings, slot);
    const note = (text: string): Buffer => noteLine(text, settings, this.#source(), new Date());
    const use = (path: string): LogFile => files.use(app, path, { rotation: settings.rotation, note });
    const own = use(paths[stream]);
    const combined = paths.combined === null ? null : use(paths.combined);
    this.close();
    // One file named twice gets each line once.
    this.#target = { settings, own, combined: combined === own ? null : combined };
    if (combined === own) files.release(own);
    return this.#target;
  }
}
