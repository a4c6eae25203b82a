/** Messages between the workers of an app, as it sees them. */
import type { Duration } from '../../core/options.ts';
import type { Storable } from '../../state/storable.ts';
import type { HandlerFailure } from './handlers.ts';
import type { Peer } from './member.ts';
import type { MessageTopic } from './topic.ts';

/** A slot of this machine, or of another by its host name. */
export type Place = number | { readonly node: string; readonly slot: number };

export interface SendOptions {
  /** How long it may take until it is taken, or answered; also for a worker to come that can. Default: 5 s. */
  readonly timeout?: Duration;
}

export interface BroadcastOptions extends SendOptions {
  /** Whether this process hears it too, if it listens. Default: true. */
  readonly self?: boolean;
}

export interface RequestOptions extends SendOptions {
  /** Default: of all that answer the topic, one with the fewest requests of this process. */
  readonly to?: Place;
}

export interface RequestAllOptions extends SendOptions {
  /** Every slot that answers the topic. */
  readonly to: 'all';
}

/** What one worker said to a request to all. */
export type Reply<R> =
  | { readonly ok: true; readonly from: Peer; readonly value: R }
  | { readonly ok: false; readonly from: Peer; readonly error: Error };

/** What may be returned where `R` is expected. */
export type Answer<R> = [R] extends [void] ? R : R & Storable<R>;

export type Off = () => void;

/**
 * Values are plain data, as in shared state, of at most 256 KB; undefined may be sent too. What one
 * process sends to another arrives in its order and once. Only when a worker is killed may what it had
 * be handled again, by its successor.
 *
 * All that send reject with E_BAD_VALUE, E_STATE_VALUE, E_STATE_TOO_LARGE, E_MESSAGE_FULL, and with
 * E_STATE_AWAY and the like while the engine cannot be reached.
 */
export interface Messages {
  /**
   * To every process that listens to the topic now. Resolves to their number when the handlers of all
   * have been called; rejects with E_MESSAGE_MISSED when one could not be reached.
   */
  broadcast<R>(topic: MessageTopic<void, R>, value?: undefined, options?: BroadcastOptions): Promise<number>;
  broadcast<T, R>(
    topic: MessageTopic<T, R>,
    value: T & Storable<T>,
    options?: BroadcastOptions,
  ): Promise<number>;
  broadcast(topic: string, value?: unknown, options?: BroadcastOptions): Promise<number>;
  /**
   * To the worker in a slot, or to its successor. Resolves when its handlers have been called; rejects
   * with E_MESSAGE_NO_WORKER, E_MESSAGE_NO_HANDLER, E_MESSAGE_LOST, E_MESSAGE_TIMEOUT.
   */
  send<R>(to: Place, topic: MessageTopic<void, R>, value?: undefined, options?: SendOptions): Promise<void>;
  send<T, R>(
    to: Place,
    topic: MessageTopic<T, R>,
    value: T & Storable<T>,
    options?: SendOptions,
  ): Promise<void>;
  send(to: Place, topic: string, value?: unknown, options?: SendOptions): Promise<void>;
  /**
   * The answer of one worker. Rejects as `send` does, and with E_MESSAGE_FAILED when the handler
   * throws. To all: what each said, or why it did not, in the order of machines and slots; rejects only
   * when nothing could be sent.
   */
  request<R>(
    topic: MessageTopic<void, R>,
    value: undefined,
    options: RequestAllOptions,
  ): Promise<readonly Reply<R>[]>;
  request<R>(topic: MessageTopic<void, R>, value?: undefined, options?: RequestOptions): Promise<R>;
  request<T, R>(
    topic: MessageTopic<T, R>,
    value: T & Storable<T>,
    options: RequestAllOptions,
  ): Promise<readonly Reply<R>[]>;
  request<T, R>(topic: MessageTopic<T, R>, value: T & Storable<T>, options?: RequestOptions): Promise<R>;
  request(topic: string, value: unknown, options: RequestAllOptions): Promise<readonly Reply<unknown>[]>;
  request(topic: string, value?: unknown, options?: RequestOptions): Promise<unknown>;
  /** Calls the handler for every message to this process or to all. Throws E_BAD_VALUE. */
  on<T, R>(topic: MessageTopic<T, R>, handler: (value: T, from: Peer) => unknown): Off;
  on(topic: string, handler: (value: unknown, from: Peer) => unknown): Off;
  /** Answers requests; one handler for each topic. Throws E_BAD_VALUE, E_MESSAGE_ANSWERED. */
  answer<T, R>(
    topic: MessageTopic<T, R>,
    handler: (value: T, from: Peer) => Answer<R> | Promise<Answer<R>>,
  ): Off;
  answer(topic: string, handler: (value: unknown, from: Peer) => unknown): Off;
  /** Called when a handler of `on()` throws or rejects, which is written to stderr otherwise. */
  onMessageError(listener: (failure: HandlerFailure) => unknown): Off;
}
