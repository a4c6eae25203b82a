/**
 * Changes of settings that balancers go by: each is over when its balancers have said that they do. What they
 * refuse is taken back elsewhere; what they do not answer to, here.
 */
import { formatDuration } from '../../core/duration.ts';
import { SkeinError } from '../../core/errors.ts';
import type { App } from '../app.ts';
import type { AppRecord } from '../store.ts';

/** An event loop that does not turn for longer is not waited for. */
const ANSWER_MS = 10_000;

export interface SettingsWatchOptions {
  readonly apps: ReadonlyMap<string, App>;
  /** The balancers of this app go by the newest snapshot. */
  readonly isApplied: (app: App) => boolean;
}

export class SettingsWatch {
  readonly #options: SettingsWatchOptions;
  /** Operations whose snapshots have been sent, and whether they are over. */
  readonly #sent = new Map<string, 'waits' | 'over'>();

  constructor(options: SettingsWatchOptions) {
    this.#options = options;
  }

  isOver({ underWay }: AppRecord): boolean {
    return underWay?.change.kind !== 'settings' || this.#sent.get(underWay.operation.id) === 'over';
  }

  /** Snapshots have been sent, or applied. */
  look(): void {
    const known = new Set<string>();
    for (const app of [...this.#options.apps.values()]) {
      const { underWay } = app.record;
      if (underWay?.change.kind !== 'settings' || underWay.undo !== null) continue;
      const { id } = underWay.operation;
      known.add(id);
      if (!this.#sent.has(id)) this.#begin(app, id);
      if (this.#sent.get(id) === 'over' || !this.#options.isApplied(app)) continue;
      this.#sent.set(id, 'over');
      app.reconcile();
    }
    for (const id of this.#sent.keys()) if (!known.has(id)) this.#sent.delete(id);
  }

  #begin(app: App, id: string): void {
    this.#sent.set(id, 'waits');
    const late = (): void => {
      if (this.#sent.get(id) !== 'waits') return;
      const reason = `its balancer did not say within ${formatDuration(ANSWER_MS)} that it goes by it`;
      app.fail(new SkeinError('E_BALANCER_REFUSED', { app: app.name, place: 'balance', reason }).toData());
    };
    setTimeout(late, ANSWER_MS).unref();
  }
}
