/** The operations of this home: begun, announced, and remembered for a while after their end. */
import { newId } from '../core/id.ts';
import type { Operation } from '../protocol/control.ts';
import type { Events } from './events.ts';

/** For a command that asks again after a change of supervisors. */
const KEPT = 50;

export class Operations {
  readonly #events: Events;
  #ended: readonly Operation[];

  constructor(ended: readonly Operation[], events: Events) {
    this.#ended = ended;
    this.#events = events;
  }

  get ended(): readonly Operation[] {
    return this.#ended;
  }

  begin(verb: Operation['verb'], app: string): Operation {
    return {
      id: newId(),
      verb,
      app,
      state: 'running',
      startedAt: Date.now(),
      endedAt: null,
      progress: '',
      error: null,
      report: null,
    };
  }

  announce({ verb, app }: Operation): void {
    this.#events.emit({ kind: 'operation-started', app, text: `${verb} begins` });
  }

  end(operation: Operation): void {
    this.#ended = [...this.#ended, operation].slice(-KEPT);
    const { verb, app, state, error, report } = operation;
    const text =
      state === 'succeeded' ? `${verb} succeeded` : `${verb} failed: ${error?.message ?? 'unknown'}`;
    this.#events.emit({ kind: 'operation-ended', app, text, report });
  }
}
