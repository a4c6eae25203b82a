/** All log files that are written at present, each once however many workers write to it. */
import { closeSync } from 'node:fs';
import { SkeinError } from '../../core/errors.ts';
import { logPaths } from '../../logs/paths.ts';
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { NewEvent } from '../events.ts';
import type { FileEnd, LogFileSettings } from './log-file.ts';
import { LogFile, endOnDisk } from './log-file.ts';
import { openLog, realLogPath, reasonOf } from './open-log.ts';
import { Tidier } from './tidy.ts';

export class LogFiles {
  /** Where logs are that the settings name no place for. */
  readonly dir: string;
  readonly #emit: (event: NewEvent) => void;
  readonly #tidier: Tidier;
  readonly #open = new Map<string, { readonly file: LogFile; users: number }>();

  constructor(dir: string, emit: (event: NewEvent) => void) {
    this.dir = dir;
    this.#emit = emit;
    this.#tidier = new Tidier((text) => emit({ kind: 'log-failed', text }));
  }

  /** Of who uses a file last, the settings hold. `release` it. */
  use(app: string, path: string, settings: LogFileSettings): LogFile {
    const real = realLogPath(path);
    const known = this.#open.get(real);
    if (known !== undefined) {
      known.users += 1;
      known.file.settings = settings;
      return known.file;
    }
    const file = new LogFile(real, settings, {
      now: () => Date.now(),
      tell: (kind, text) => this.#emit({ kind, app, text }),
      tidy: this.#tidier.request,
    });
    this.#open.set(real, { file, users: 1 });
    return file;
  }

  release(file: LogFile): void {
    const known = this.#open.get(file.path);
    if (known?.file !== file) return;
    known.users -= 1;
    if (known.users > 0) return;
    file.reopen();
    this.#open.delete(file.path);
  }

  /** The real path, and where its next line goes. */
  end(path: string): FileEnd & { readonly path: string } {
    const real = realLogPath(path);
    return { path: real, ...(this.#open.get(real)?.file.end ?? endOnDisk(real)) };
  }

  /** Closes all; the next line opens each anew (after a rotation from outside). */
  reopen(): void {
    for (const { file } of this.#open.values()) file.reopen();
  }

  /** Every file that the workers of this app write to, by path. */
  paths({ name, logs, instances }: Pick<AppSpec, 'name' | 'logs' | 'instances'>): string[] {
    if (!logs.enabled) return [];
    const slots = logs.perWorker ? Array.from({ length: instances }, (_, slot) => slot) : [0];
    const all = slots.flatMap((slot) => {
      const { out, err, combined } = logPaths(this.dir, name, logs, slot);
      return combined === null ? [out, err] : [out, err, combined];
    });
    return [...new Set(all)];
  }

  /** Before any worker is touched. @throws SkeinError E_LOG_FILE */
  check(spec: Pick<AppSpec, 'name' | 'logs' | 'instances'>): void {
    for (const path of this.paths(spec)) {
      try {
        closeSync(openLog(path).fd);
      } catch (error) {
        throw new SkeinError(
          'E_LOG_FILE',
          { app: spec.name, path, reason: reasonOf(error) },
          { cause: error },
        );
      }
    }
  }

  /** Empties the files of these apps; what is set aside stays. @throws SkeinError E_LOG_FILE */
  flush(specs: readonly Pick<AppSpec, 'name' | 'logs' | 'instances'>[]): string[] {
    return specs.flatMap((spec) =>
      this.paths(spec).filter((path) => {
        const { rotation } = spec.logs;
        const known = this.#open.get(realLogPath(path))?.file.settings;
        const file = this.use(spec.name, path, known ?? { rotation, note: () => Buffer.alloc(0) });
        try {
          return file.flush();
        } catch (error) {
          throw new SkeinError(
            'E_LOG_FILE',
            { app: spec.name, path, reason: reasonOf(error) },
            { cause: error },
          );
        } finally {
          this.release(file);
        }
      }),
    );
  }
}
