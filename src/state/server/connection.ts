/**
 * One process of an app, as the state server sees it. The process's end:
 * src/state/engines/embedded/connection.ts.
 *
 * What it is owed is bounded, or a process that reads nothing would fill the server's memory: while
 * answers wait to be read no further calls of it are done, and when changes do, it is cut off.
 */
import type { Socket } from 'node:net';
import { createLineReader } from '../../core/line-reader.ts';
import type { StateFarewell, StateHello, StatePreface, StateWelcome } from '../../protocol/state-wire.ts';
import { MAX_LINE_CHARS, STATE_PROTOCOL } from '../../protocol/state-wire.ts';
import type { Selector } from '../engine.ts';
import type { Result, Surroundings } from './perform.ts';
import { Calls, Nonsense } from './perform.ts';
import type { Member, Store, Stores } from './stores.ts';
import { dropStore } from './stores.ts';
import type { Subscriber } from './subscribers.ts';

/** Characters of answers that go out as one line; also how many may wait to be read before calls do. */
const ANSWERS_CHARS = 1024 * 1024;

/** Characters of changes that a subscriber may leave unread. */
const MAX_UNREAD_CHARS = 16 * 1024 * 1024;

/** A process that connects and says nothing. */
const HELLO_MS = 10_000;

/** How long a connection that is being ended may take to read why. */
const FAREWELL_MS = 1_000;

export interface ConnectionContext {
  readonly stores: Stores;
  readonly welcome: StateWelcome;
  /** Told why a connection was ended from here. */
  readonly log: (text: string) => void;
}

const parseFirst = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    throw new Nonsense('the first line is not JSON');
  }
};

/** Whose store the holder says that this one may name; undefined: the line is no such thing. */
const parsePreface = (first: unknown): string | undefined => {
  const { only } = (first ?? {}) as Partial<Record<keyof StatePreface, unknown>>;
  return typeof only === 'string' ? only : undefined;
};

const parseHello = (hello: unknown): StateHello => {
  const { protocol, store, maxBytes } = (hello ?? {}) as Partial<Record<keyof StateHello, unknown>>;
  if (typeof protocol !== 'number') throw new Nonsense('the first line is no greeting');
  // Another version may mean anything by the rest.
  if (protocol !== STATE_PROTOCOL) return { protocol, store: '' };
  if (typeof store !== 'string' || store === '') throw new Nonsense('the greeting names no store');
  if (maxBytes === undefined) return { protocol, store };
  if (!Number.isSafeInteger(maxBytes) || (maxBytes as number) < 1)
    throw new Nonsense('the limit in the greeting is no number of bytes');
  return { protocol, store, maxBytes: maxBytes as number };
};

/** As characters, roughly: only texts can be long. */
const sizeOf = (result: Result): number => {
  if (typeof result !== 'object' || result === null) return 8;
  if (!Array.isArray(result)) return 200;
  const first: unknown = result[0];
  if (typeof first !== 'string') return 32;
  return result.length === 3 && typeof result[1] === 'number'
    ? first.length + 32
    : (result as string[]).reduce((sum, key) => sum + key.length + 3, 0);
};

export class Connection implements Member, Subscriber, Surroundings {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #selectors = new Map<string, Selector>();
  #store: Store | undefined;
  #only: string | undefined;
  /** Lines that came while an earlier one could not be finished. */
  #lines: string[] = [];
  #calls: Calls | undefined;
  #answers: Result[] = [];
  #answersChars = 0;
  #changes: string[] = [];
  #changesChars = 0;
  #flushing = false;

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    const lines = createLineReader(MAX_LINE_CHARS, (line) => this.#lines.push(line));
    socket.setEncoding('utf8');
    socket.setTimeout(HELLO_MS, () => {
      if (this.#store === undefined) this.cut('it said nothing');
    });
    socket.on('data', (chunk: string) => {
      const fits = lines.push(chunk);
      this.#work();
      if (!fits) this.#endWith('a line is too long');
    });
    socket.on('drain', () => this.#resume());
    socket.on('close', () => this.#leave());
    // It closes as well.
    socket.on('error', () => {});
  }

  get memory(): Store['memory'] {
    return this.#joined.memory;
  }

  get #joined(): Store {
    if (this.#store === undefined) throw new Nonsense('a call came before the greeting');
    return this.#store;
  }

  publish(topic: string, text: string): void {
    this.#joined.subscribers.tell({ type: 'message', topic, text });
  }

  subscribe(selector: Selector): void {
    this.#selectors.set(`${selector.kind} ${selector.name}`, selector);
    this.#joined.subscribers.add(selector, this);
  }

  unsubscribe(selector: Selector): void {
    this.#selectors.delete(`${selector.kind} ${selector.name}`);
    this.#joined.subscribers.remove(selector, this);
  }

  drop(): number {
    return dropStore(this.#joined, this);
  }

  tell(change: string): void {
    this.#changes.push(change);
    this.#changesChars += change.length;
    if (this.#changesChars + this.#socket.writableLength > MAX_UNREAD_CHARS) {
      this.cut('it does not read what it subscribed to');
      return;
    }
    if (this.#flushing) return;
    this.#flushing = true;
    // After all that this turn of the event loop brings, from whomever.
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  cut(reason: string): void {
    if (this.#socket.destroyed) return;
    this.#context.log(`a connection was ended: ${reason}`);
    this.#leave();
    this.#socket.destroy();
  }

  /** What the other end cannot know yet: why. */
  #endWith(farewell: string): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    this.#flush();
    this.#context.log(`a connection was ended: ${farewell}`);
    this.#leave();
    this.#socket.removeAllListeners('data');
    // What it still sends is read away: an EPIPE at the other end would come before the reason is read.
    this.#socket.resume();
    // One that reads nothing does not read this either.
    const limit = setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref();
    this.#socket.once('close', () => clearTimeout(limit));
    this.#socket.end(`${JSON.stringify({ farewell } satisfies StateFarewell)}\n`);
  }

  #leave(): void {
    this.#lines = [];
    this.#calls = undefined;
    this.#changes = [];
    this.#changesChars = 0;
    if (this.#store === undefined) return;
    for (const selector of this.#selectors.values()) this.#store.subscribers.remove(selector, this);
    this.#selectors.clear();
    this.#store.members.delete(this);
    this.#store = undefined;
  }

  #work(): void {
    try {
      this.#perform();
      this.#flush();
    } catch (error) {
      if (!(error instanceof Nonsense)) this.#context.log(`a call failed: ${(error as Error).stack}`);
      this.#endWith(error instanceof Nonsense ? error.message : 'the call failed inside the server');
    }
  }

  #perform(): void {
    for (;;) {
      if (this.#calls === undefined) {
        const line = this.#lines.shift();
        if (line === undefined) return;
        if (this.#store === undefined) this.#greet(line);
        else this.#calls = new Calls(line);
        continue;
      }
      const calls = this.#calls;
      while (!calls.done) {
        const result = calls.perform(this);
        // It may have told this connection more than that reads.
        if (this.#socket.destroyed) return;
        this.#answers.push(result);
        this.#answersChars += sizeOf(result);
        if (this.#answersChars < ANSWERS_CHARS) continue;
        this.#flush();
        if (this.#socket.writableLength < ANSWERS_CHARS) continue;
        // Goes on when what is owed has been read.
        this.#socket.pause();
        return;
      }
      this.#calls = undefined;
    }
  }

  #resume(): void {
    if (!this.#socket.isPaused()) return;
    this.#socket.resume();
    this.#work();
  }

  #greet(line: string): void {
    const first = parseFirst(line);
    if (this.#only === undefined) {
      this.#only = parsePreface(first);
      if (this.#only !== undefined) return;
    }
    const { protocol, store, maxBytes } = parseHello(first);
    this.#socket.write(`${JSON.stringify(this.#context.welcome)}\n`);
    if (protocol !== STATE_PROTOCOL) throw new Nonsense(`it speaks version ${protocol} of the protocol`);
    if (this.#only !== undefined && store !== this.#only)
      throw new Nonsense(`this connection is only for the store of ${this.#only}`);
    this.#socket.setTimeout(0);
    this.#store = this.#context.stores.join(store, maxBytes, this);
  }

  /** Changes first: an answer must not show what its reader has not been told. */
  #flush(): void {
    let text = '';
    if (this.#changes.length > 0) {
      text = `{"changes":[${this.#changes.join(',')}]}\n`;
      this.#changes = [];
      this.#changesChars = 0;
    }
    if (this.#answers.length > 0) {
      text += `${JSON.stringify(this.#answers)}\n`;
      this.#answers = [];
      this.#answersChars = 0;
    }
    if (text !== '' && this.#socket.writable) this.#socket.write(text);
  }
}
