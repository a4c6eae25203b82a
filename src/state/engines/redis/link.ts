/**
 * Whether a client is connected, and if not, why. Whoever asks while the first connection is being
 * made waits for it; after a failure everybody is told at once, and the client goes on trying.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../../core/backoff.ts';

export interface Linked {
  on(event: string, listener: (value?: unknown) => void): unknown;
}

export interface LinkOptions {
  /** Connects; undefined for a client that its owner connects. */
  readonly connect: (() => Promise<unknown>) | undefined;
  readonly isReady: () => boolean;
}

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

const newWaiting = (): Waiting => {
  let resolve = (): void => {};
  let reject = (_reason: Error): void => {};
  const promise = new Promise<void>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  // Nobody has to be waiting when it fails.
  promise.catch(() => {});
  return { promise, resolve, reject };
};

const pause = { baseMs: 50, maxMs: 1_000 };

/** How long to wait before another try to connect. */
export const reconnectMs = (attempt: number): number => backoffMs(pause, attempt, Math.random);

export class Link {
  readonly #options: LinkOptions;
  #started = false;
  #closed = false;
  #problem: Error | undefined;
  #waiting: Waiting | undefined;

  constructor(client: Linked, options: LinkOptions) {
    this.#options = options;
    // A client without a listener for errors would throw them.
    client.on('error', (error) => this.#failed(error));
    client.on('ready', () => this.up());
  }

  isReady(): boolean {
    return !this.#closed && this.#options.isReady();
  }

  /** Rejects with what stands in the way. */
  async ready(): Promise<void> {
    if (this.isReady()) return;
    this.#start();
    if (this.#closed) throw new Error('The client is closed');
    if (this.#problem !== undefined) throw this.#problem;
    this.#waiting ??= newWaiting();
    await this.#waiting.promise;
  }

  up(): void {
    this.#problem = undefined;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#failed(new Error('The client is closed'));
  }

  #failed(error: unknown): void {
    // Once connected, an error of one command or node is none of the connection.
    if (this.isReady()) return;
    this.#problem = error instanceof Error ? error : new Error(String(error));
    this.#waiting?.reject(this.#problem);
    this.#waiting = undefined;
  }

  #start(): void {
    const { connect } = this.#options;
    if (this.#started || connect === undefined) return;
    this.#started = true;
    void this.#keepTrying(connect);
  }

  async #keepTrying(connect: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt += 1) {
      try {
        await connect();
        this.up();
        return;
      } catch (error) {
        this.#failed(error);
        await delay(reconnectMs(attempt));
      }
    }
  }
}
