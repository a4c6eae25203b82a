/** What happened, for `skein events`, for the supervisor's log, and for whoever follows. */
import type { Report, SkeinEvent } from '../protocol/control.ts';

export type NewEvent = Pick<SkeinEvent, 'kind' | 'text'> &
  Partial<Pick<SkeinEvent, 'app' | 'slot' | 'pid'>> & { readonly report?: Report | null };

const KEPT = 1000;

export class Events {
  readonly #recent: SkeinEvent[] = [];
  readonly #followers = new Set<(event: SkeinEvent) => void>();
  readonly #log: (event: SkeinEvent) => void;

  constructor(log: (event: SkeinEvent) => void) {
    this.#log = log;
  }

  emit({ kind, text, app = null, slot = null, pid = null, report = null }: NewEvent): void {
    const event: SkeinEvent = { at: Date.now(), kind, app, slot, pid, text, report };
    this.#recent.push(event);
    if (this.#recent.length > KEPT) this.#recent.shift();
    this.#log(event);
    for (const follower of this.#followers) follower(event);
  }

  /** Events since a time, in milliseconds since the epoch. */
  since(at: number, app?: string): SkeinEvent[] {
    return this.#recent.filter((event) => event.at >= at && (app === undefined || event.app === app));
  }

  /** Returns what ends it. */
  follow(follower: (event: SkeinEvent) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}
