/** Reloads one app when its files change. What is due when is decided in reload-due.ts. */
import { relative } from 'node:path';
import { SkeinError } from '../core/errors.ts';
import type { FileWatch, watchFiles } from './file-watch.ts';
import { LongTimer } from './long-timer.ts';
import type { Changed } from './reload-due.ts';
import { watchDue } from './reload-due.ts';
import type { UpkeepAround, UpkeptApp } from './upkeep.ts';
import type { WatchPlace } from './watch-filter.ts';

/** When the oldest worker of the present generation was started; null when there is none. */
const startedAt = ({ record, workers }: UpkeptApp): number | null => {
  const times = [...workers.values()]
    .filter(({ tag }) => tag.generation === record.current.number)
    .map((worker) => worker.startedAt);
  return times.length === 0 ? null : Math.min(...times);
};

export class WatchReload {
  readonly #app: UpkeptApp;
  readonly #place: WatchPlace;
  readonly #around: UpkeepAround;
  readonly #files: FileWatch;
  readonly #timer: LongTimer;
  #changed: Changed | null = null;

  constructor(app: UpkeptApp, place: WatchPlace, around: UpkeepAround, watch: typeof watchFiles) {
    this.#app = app;
    this.#place = place;
    this.#around = around;
    this.#timer = new LongTimer(around.now);
    this.#files = watch(place, {
      changed: (path, madeAt) => this.#note(path, madeAt),
      failed: (path, reason) => {
        const { message, fix } = new SkeinError('E_WATCH', { app: app.name, path, reason });
        around.emit({ kind: 'message', app: app.name, text: `${message} ${fix}` });
      },
    });
  }

  /** The time, or what is under way, is another. */
  look(): void {
    if (this.#changed === null) return;
    const busy = this.#app.record.underWay !== null;
    const rollouts = { busy, startedAt: startedAt(this.#app) };
    const due = watchDue(this.#changed, this.#place.watch.delayMs, rollouts, this.#around.now());
    switch (due.then) {
      case 'wait':
        return;
      case 'wake':
        return this.#timer.set(due.at, () => this.look());
      case 'drop':
        this.#changed = null;
        return;
      case 'reload': {
        const what = relative(this.#place.cwd, this.#changed.path);
        this.#changed = null;
        this.#around.reload(this.#app.name, `${what} has changed`);
      }
    }
  }

  close(): void {
    this.#timer.clear();
    this.#files.close();
  }

  #note(path: string, madeAt: number): void {
    const noticedAt = this.#around.now();
    const meanwhile = this.#app.record.underWay !== null;
    const before = this.#changed;
    this.#changed = {
      path,
      noticedAt,
      // The last that was made, and one that no operation has covered, are what counts.
      madeAt: Math.max(madeAt, before?.madeAt ?? 0),
      meanwhile: meanwhile && before?.meanwhile !== false,
    };
    this.look();
  }
}
