/** What this process does with messages: its handlers by topic. */
import { inspect } from 'node:util';
import { SkeinError } from '../../core/errors.ts';
import { decode, encode } from '../../state/encode.ts';
import { tellApp } from '../tell-app.ts';
import type { Peer } from './member.ts';
import { MAX_VALUE_BYTES } from './wire.ts';

export type Handler<T = unknown> = (value: T, from: Peer) => unknown;

/** What went wrong in a handler of `on()`, which nobody waits for. */
export interface HandlerFailure {
  readonly topic: string;
  readonly error: unknown;
  readonly from: Peer;
}

/** A thrown value as it crosses to who asked: both run the same app, so with its stack. */
export interface RemoteError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** JSON, or undefined for undefined. Throws E_STATE_VALUE and E_STATE_TOO_LARGE. */
export const valueText = (topic: string, value: unknown): string | undefined =>
  value === undefined ? undefined : encode(topic, value, MAX_VALUE_BYTES);

/** Each handler gets a copy of its own. */
export const textValue = (topic: string, text: string | undefined): unknown =>
  text === undefined ? undefined : decode(topic, text);

export const toRemoteError = (error: unknown): RemoteError => {
  if (!(error instanceof Error)) return { name: 'Error', message: inspect(error, { depth: 2 }) };
  const { name, message, stack } = error;
  const { code } = error as { code?: unknown };
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack: stack.slice(0, 4_000) }),
  };
};

export const fromRemoteError = (text: string): Error => {
  const { name, message, code, stack } = JSON.parse(text) as RemoteError;
  return Object.assign(new Error(message), { name, stack }, code === undefined ? {} : { code });
};

const toStderr = ({ topic, error }: HandlerFailure): void => {
  process.stderr.write(`skein: a handler of the topic ${topic} failed: ${inspect(error)}\n`);
};

export class Handlers {
  readonly #hears = new Map<string, Set<Handler>>();
  readonly #answers = new Map<string, Handler>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #failures = new Set<(failure: HandlerFailure) => unknown>();
  readonly #changed: () => void;

  /** `changed`: there are other topics than before. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get hears(): string[] {
    return [...this.#hears.keys()];
  }

  get answers(): string[] {
    return [...this.#answers.keys()];
  }

  on(topic: string, handler: Handler): () => void {
    // A function of its own, so that the same one can be added twice and taken off once.
    const own: Handler = (value, from) => handler(value, from);
    const before = this.#hears.get(topic);
    if (before === undefined) {
      this.#hears.set(topic, new Set([own]));
      this.#changed();
    } else before.add(own);
    return () => {
      const now = this.#hears.get(topic);
      if (now?.delete(own) !== true || now.size > 0) return;
      this.#hears.delete(topic);
      this.#changed();
    };
  }

  answer(topic: string, handler: Handler): () => void {
    if (this.#answers.has(topic)) throw new SkeinError('E_MESSAGE_ANSWERED', { topic });
    const own: Handler = (value, from) => handler(value, from);
    this.#answers.set(topic, own);
    this.#changed();
    return () => {
      if (this.#answers.get(topic) !== own) return;
      this.#answers.delete(topic);
      this.#changed();
    };
  }

  /** Instead of to stderr. */
  onFailure(listener: (failure: HandlerFailure) => unknown): () => void {
    const own = (failure: HandlerFailure): unknown => listener(failure);
    this.#failures.add(own);
    return () => void this.#failures.delete(own);
  }

  /** Calls all handlers of the topic; false when there are none. */
  hear(topic: string, text: string | undefined, from: Peer): boolean {
    const handlers = this.#hears.get(topic);
    if (handlers === undefined) return false;
    for (const handler of [...handlers]) {
      const running = this.#call(handler, topic, text, from)
        .catch((error: unknown) => this.#failed({ topic, error, from }))
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
    return true;
  }

  /** Resolves when no handler of `on()` runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running);
  }

  /** The answer as text; undefined when nobody answers the topic. */
  ask(topic: string, text: string | undefined, from: Peer): Promise<string | undefined> | undefined {
    const handler = this.#answers.get(topic);
    if (handler === undefined) return undefined;
    return this.#call(handler, topic, text, from).then((value) => valueText(topic, value));
  }

  /** Begins at once; what is thrown at once rejects as well. */
  async #call(handler: Handler, topic: string, text: string | undefined, from: Peer): Promise<unknown> {
    return handler(textValue(topic, text), from);
  }

  #failed(failure: HandlerFailure): void {
    if (this.#failures.size === 0) return toStderr(failure);
    for (const listener of this.#failures)
      tellApp(
        () => listener(failure),
        (error) => toStderr({ ...failure, error }),
      );
  }
}
