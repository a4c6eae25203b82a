/**
 * Reloads that nobody asks for at the time: when files change (`watch`) and by the calendar
 * (`cron`). Which apps these are follows from their records, however they came to be so: a start,
 * a rollout, an adjustment, the end of an earlier supervisor.
 */
import { cronTimes } from './cron-times.ts';
import { CronReload } from './cron-reload.ts';
import type { NewEvent } from './events.ts';
import { watchFiles } from './file-watch.ts';
import type { AppRecord } from './store.ts';
import type { WatchPlace } from './watch-filter.ts';
import { WatchReload } from './watch-reload.ts';
import type { WorkerHandle } from './worker-handle.ts';

/** What is looked at of an app. */
export interface UpkeptApp {
  readonly name: string;
  record: AppRecord;
  readonly workers: ReadonlyMap<string, Pick<WorkerHandle, 'tag' | 'startedAt'>>;
}

export interface UpkeepAround {
  now(): number;
  emit(event: NewEvent): void;
  /** An ordinary reload. It never throws: what is wrong becomes an event. */
  reload(app: string, why: string): void;
}

export interface UpkeepOptions extends Omit<UpkeepAround, 'reload'> {
  readonly apps: () => Iterable<UpkeptApp>;
  /** Throws what a reload throws. */
  readonly reload: (app: string) => void;
  /** SKEIN_HOME. */
  readonly home: string;
  /** A record has changed: save it. */
  readonly changed: () => void;
  readonly watch?: typeof watchFiles;
  readonly times?: typeof cronTimes;
}

interface Kept {
  /** The settings it goes by, as text. */
  readonly settings: string;
  readonly reload: WatchReload | CronReload;
}

type Kind = 'watch' | 'cron';

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #around: UpkeepAround;
  readonly #kept = new Map<UpkeptApp, Map<Kind, Kept>>();
  #began = false;
  #soon = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#around = {
      now: () => options.now(),
      emit: (event) => options.emit(event),
      reload: (app, why) => this.#reload(app, why),
    };
  }

  /** From now on: before it, a new supervisor knows too little. */
  begin(): void {
    this.#began = true;
    this.follow();
  }

  /** Some record has changed. Looks at it soon: the change may not be over. */
  follow(): void {
    if (!this.#began || this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#follow();
    });
  }

  #follow(): void {
    const apps = new Set(this.#options.apps());
    for (const [app, kept] of this.#kept) {
      if (apps.has(app)) continue;
      for (const { reload } of kept.values()) reload.close();
      this.#kept.delete(app);
    }
    for (const app of apps) {
      this.#followWatch(app);
      this.#followCron(app);
      for (const { reload } of this.#kept.get(app)?.values() ?? []) reload.look();
    }
  }

  #followWatch(app: UpkeptApp): void {
    const { run, current } = app.record;
    const { watch, cwd, logs } = current.spec;
    const { out, err, combined } = logs;
    const place: WatchPlace | null =
      run && watch !== null ? { watch, cwd, logs: { out, err, combined }, home: this.#options.home } : null;
    this.#keep(app, 'watch', place, (settings) => {
      return new WatchReload(app, settings, this.#around, this.#options.watch ?? watchFiles);
    });
  }

  #followCron(app: UpkeptApp): void {
    const { run, current, cronSeen } = app.record;
    const cron = run ? current.spec.cron : null;
    const begun = this.#keep(app, 'cron', cron, (settings) => {
      // An earlier supervisor may have left off in the middle; what another one set is not missed.
      if (typeof cronSeen !== 'number' || this.#kept.get(app)?.has('cron') === true)
        this.#see(app, this.#options.now());
      return new CronReload(app, settings, this.#around, this.#options.times ?? cronTimes);
    });
    if (!begun && cron === null && typeof cronSeen === 'number') this.#see(app, null);
  }

  #see(app: UpkeptApp, cronSeen: number | null): void {
    app.record = { ...app.record, cronSeen };
    this.#options.changed();
  }

  /** Begins, ends, or begins anew, where the settings are others than before. True when it began. */
  #keep<T extends object>(
    app: UpkeptApp,
    kind: Kind,
    settings: T | null,
    begin: (settings: T) => Kept['reload'],
  ): boolean {
    const kept = this.#kept.get(app) ?? new Map<Kind, Kept>();
    const before = kept.get(kind);
    const text = settings === null ? null : JSON.stringify(settings);
    if ((before?.settings ?? null) === text) return false;
    before?.reload.close();
    if (settings === null || text === null) {
      kept.delete(kind);
      return false;
    }
    const reload = begin(settings);
    kept.set(kind, { settings: text, reload });
    this.#kept.set(app, kept);
    return true;
  }

  #reload(app: string, why: string): void {
    this.#options.emit({ kind: 'message', app, text: `${why}: it is reloaded` });
    try {
      this.#options.reload(app);
    } catch (error) {
      this.#options.emit({ kind: 'message', app, text: `not reloaded: ${(error as Error).message}` });
    }
  }
}
