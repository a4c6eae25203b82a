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

  /** Takes back what an earlier supervisor logged: lines of its log file. */
  restore(lines: readonly string[]): void {
    for (const line of lines) {
      const event = parse(line);
      if (event !== null) this.#recent.push(event);
    }
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

/** The fields of a logged event: those of the event, two of them under the log's names. */
type Logged = Partial<SkeinEvent> & { readonly time: string; readonly message: string };

const parse = (line: string): SkeinEvent | null => {
  try {
    const {
      time,
      message,
      kind,
      app = null,
      slot = null,
      pid = null,
      report = null,
    } = JSON.parse(line) as Logged;
    return kind === undefined ? null : { at: Date.parse(time), kind, app, slot, pid, text: message, report };
  } catch {
    return null;
  }
};
