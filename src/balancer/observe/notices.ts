/** What happens to upstreams, for the supervisor's events; the same stands in the balancer's own log. */
import type { Log } from '../../core/log.ts';
import type { FromBalancer } from '../../protocol/balance.ts';

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const textOf = (message: string, { upstream, ...more }: Readonly<Record<string, unknown>>): string => {
  const about = Object.entries(more).map(([name, value]) => `${name} ${plain(value)}`);
  const named = message.replace(/^upstream /, () => `upstream ${plain(upstream)} `);
  return about.length === 0 ? named : `${named} (${about.join(', ')})`;
};

/** A log that also tells the supervisor. */
export const noticing =
  (log: Log, say: ((said: FromBalancer) => void) | undefined): Log =>
  (level, message, details = {}) => {
    log(level, message, details);
    say?.({ say: 'noticed', text: textOf(message, details) });
  };

/** Milliseconds between two notices of the same kind. */
const PAUSE_MS = 10_000;

/** Requests that the queue refused or that waited in it in vain, told as one. */
export class QueueNotices {
  readonly #say: (said: FromBalancer) => void;
  readonly #now: () => number;
  #refused = 0;
  #late = 0;
  #saidAt = -Infinity;

  constructor(say: (said: FromBalancer) => void, now: () => number) {
    this.#say = say;
    this.#now = now;
  }

  /** All that there were so far. */
  look(refused: number, late: number): void {
    const more = refused - this.#refused;
    const later = late - this.#late;
    if (more + later === 0 || this.#now() - this.#saidAt < PAUSE_MS) return;
    this.#saidAt = this.#now();
    this.#refused = refused;
    this.#late = late;
    const texts = [
      ...(more === 0 ? [] : [`${more} requests found the queue full`]),
      ...(later === 0 ? [] : [`${later} requests waited in the queue in vain`]),
    ];
    this.#say({ say: 'noticed', text: texts.join(', ') });
  }
}
