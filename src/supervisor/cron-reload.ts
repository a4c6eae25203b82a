/** Reloads one app at the times of its cron expression. What is due when is decided in reload-due.ts. */
import { asSkeinError } from '../core/errors.ts';
import type { CronRestart } from '../protocol/app-spec.ts';
import type { TimesAfter, cronTimes } from './cron-times.ts';
import { LongTimer } from './long-timer.ts';
import { cronDue } from './reload-due.ts';
import type { UpkeepAround, UpkeptApp } from './upkeep.ts';

export class CronReload {
  readonly #app: UpkeptApp;
  readonly #around: UpkeepAround;
  readonly #timer: LongTimer;
  #after: TimesAfter | null = null;
  #closed = false;

  constructor(app: UpkeptApp, cron: CronRestart, around: UpkeepAround, times: typeof cronTimes) {
    this.#app = app;
    this.#around = around;
    this.#timer = new LongTimer(around.now);
    times(app.name, cron).then(
      (after) => {
        if (this.#closed) return;
        this.#after = after;
        this.look();
      },
      (error: unknown) => {
        const { message, fix } = asSkeinError(error);
        around.emit({ kind: 'message', app: app.name, text: `${message} ${fix}` });
      },
    );
  }

  /** The time, or what is under way, is another. */
  look(): void {
    if (this.#after === null) return;
    const { record } = this.#app;
    const now = this.#around.now();
    const { due, next } = cronDue(this.#after, record.cronSeen ?? now, now);
    if (next !== null) this.#timer.set(next, () => this.look());
    // While something else is under way it stays due: the end of that is looked at too.
    if (due === null || record.underWay !== null) return;
    this.#app.record = { ...record, cronSeen: now };
    this.#around.reload(this.#app.name, 'its time has come (cron)');
  }

  close(): void {
    this.#closed = true;
    this.#timer.clear();
  }
}
