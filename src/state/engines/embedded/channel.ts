/**
 * What a process asks of the state server and has not been answered: calls are gathered for one turn
 * of the event loop, go out as one line, and are answered in order. One timer watches over all of them.
 *
 * When the connection breaks, reads are sent again over the next one; a write that was sent may have
 * been done, and its caller is told so.
 */
import { formatDuration } from '../../../core/duration.ts';
import { SkeinError } from '../../../core/errors.ts';
import type { Op, StateChanges, StateFarewell, WireChange } from '../../../protocol/state-wire.ts';
import { MAX_TEXT_CHARS, OP } from '../../../protocol/state-wire.ts';
import type { RawChange, Selector } from '../../engine.ts';
import { Listeners } from '../../listeners.ts';
import type { Call } from './call.ts';
import { answerCall, doubtCall, failCall, isRepeatable, pushCall, sizeOfCall } from './call.ts';
import { Connection } from './connection.ts';
import type { Dial } from './dial.ts';

type Argument = string | number | null;

/** How exactly time is kept. */
const TICK_MS = 50;

/** Characters of one line, and bytes the server has not taken before more are sent. */
const LINE_CHARS = 1024 * 1024;

/** Characters that may wait to be sent. */
const MAX_UNSENT_CHARS = 64 * 1024 * 1024;

const toRaw = (change: WireChange): RawChange => {
  switch (change[0]) {
    case 's':
      return { type: 'set', key: change[1], text: change[2], version: change[3], expiresAt: change[4] };
    case 'e':
      return { type: 'expire', key: change[1], version: change[2], expiresAt: change[3] };
    case 'd':
      return { type: 'delete', key: change[1], version: change[2], reason: change[3] };
    case 'm':
      return { type: 'message', topic: change[1], text: change[2] };
    default:
      throw new Error('the server told of no change that there is');
  }
};

export interface ChannelOptions {
  readonly dial: Dial;
  readonly store: string;
  /** How long the server may take to greet. */
  readonly timeoutMs: number;
}

export class Channel {
  readonly listeners: Listeners = new Listeners();
  readonly #connection: Connection;
  #unsent: Call[] = [];
  #unsentChars = 0;
  #sent: Call[] = [];
  /** Those before it are answered. */
  #answered = 0;
  /** Calls whose callers wait. */
  #waiting = 0;
  #flushing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Counts while anybody waits; a pause of this process is none of the server. */
  #tick = 0;
  #lastHeard = 0;
  #wasOpen = false;
  #maxBytes: number | undefined;
  #onQuiet: (() => void) | undefined;

  constructor({ dial, store, timeoutMs }: ChannelOptions) {
    this.#connection = new Connection({
      dial,
      timeoutMs,
      hello: () => (this.#maxBytes === undefined ? { store } : { store, maxBytes: this.#maxBytes }),
      wanted: () => this.#waiting > 0 || !this.listeners.empty,
      onOpen: () => this.#opened(),
      onMessage: (message) => this.#heard(message),
      onDrain: () => this.#flush(),
      onLost: (reason) => this.#lost(reason),
      onRefused: (reason) => this.#failUnsent(reason, () => true),
    });
  }

  /** Resolves to what the server answers, as the engine wants it. */
  call<T>(
    timeoutMs: number,
    op: Op,
    a: string,
    b: Argument = null,
    c: Argument = null,
    d: Argument = null,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const patience = Math.ceil(timeoutMs / TICK_MS) + 1;
      const since = this.#tick;
      this.#add({
        ...{ op, a, b, c, d, since, patience, given: false, reject },
        resolve: resolve as (result: unknown) => void,
      });
    });
  }

  /** From now on, and for every server to come. */
  limit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    if (this.#connection.open) this.#ask(OP.limit, '', maxBytes);
  }

  /** Nobody here listens to it any more. A server that is away has forgotten it anyway. */
  unsubscribe({ kind, name }: Selector): void {
    if (this.#connection.open) this.#ask(OP.unsubscribe, kind, name);
  }

  /** When nobody waits any more. */
  async close(): Promise<void> {
    if (this.#waiting > 0)
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
      });
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#connection.close();
  }

  #add(call: Call): void {
    const size = sizeOfCall(call);
    if (size > MAX_TEXT_CHARS) {
      const details = { key: call.a, size: `${size}`, limit: `${MAX_TEXT_CHARS}` };
      call.reject(new SkeinError('E_STATE_TOO_LARGE', details));
      return;
    }
    const { refused } = this.#connection;
    if (refused !== undefined || this.#unsentChars > MAX_UNSENT_CHARS) {
      failCall(call, refused ?? 'it does not keep up, and too much waits to be sent already');
      return;
    }
    this.#unsent.push(call);
    this.#unsentChars += size;
    this.#waiting += 1;
    if (this.#waiting === 1) this.#watch();
    this.#flushSoon();
  }

  /** For the channel itself: nobody waits for the answer. */
  #ask(op: Op, a: string, b: Argument, resolve: () => void = () => {}): void {
    const nobody = { c: null, d: null, since: this.#tick, patience: Infinity, given: false };
    this.#unsent.push({ op, a, b, ...nobody, resolve, reject: () => {} });
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    if (!this.#connection.open) {
      this.#connection.want();
      return;
    }
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    let next = 0;
    while (next < this.#unsent.length && this.#connection.open && this.#connection.unread < LINE_CHARS) {
      const batch: unknown[] = [];
      let chars = 0;
      for (; next < this.#unsent.length && chars < LINE_CHARS; next += 1) {
        const call = this.#unsent[next] as Call;
        pushCall(batch, call);
        chars += sizeOfCall(call);
        this.#sent.push(call);
      }
      this.#unsentChars = Math.max(0, this.#unsentChars - chars);
      this.#connection.send(`${JSON.stringify(batch)}\n`);
    }
    this.#unsent = next === this.#unsent.length ? [] : this.#unsent.slice(next);
  }

  #opened(): void {
    this.#lastHeard = this.#tick;
    if (this.#wasOpen) this.#subscribeAgain();
    this.#wasOpen = true;
    this.#flush();
  }

  /** Before anything else is asked, so that an answer shows nothing that a listener will not hear of. */
  #subscribeAgain(): void {
    const calls = this.#unsent;
    this.#unsent = [];
    const selectors = this.listeners.selectors();
    for (const [index, { kind, name }] of selectors.entries())
      this.#ask(OP.subscribe, kind, name, () => {
        if (index === selectors.length - 1) this.#tell({ type: 'missed' });
      });
    this.#unsent.push(...calls);
  }

  #heard(message: unknown): void {
    this.#lastHeard = this.#tick;
    if (Array.isArray(message)) this.#answer(message);
    else if ('changes' in (message as object))
      for (const change of (message as StateChanges).changes) this.#tell(toRaw(change));
    else if ('farewell' in (message as object)) this.#connection.drop((message as StateFarewell).farewell);
  }

  /** Not inside the reading: a listener that throws must not break that. */
  #tell(change: RawChange): void {
    queueMicrotask(() => this.listeners.tell(change));
  }

  #answer(results: readonly unknown[]): void {
    for (const result of results) {
      const call = this.#sent[this.#answered];
      if (call === undefined) throw new Error('the server answered what it was not asked');
      this.#answered += 1;
      if (!call.given && call.patience !== Infinity) this.#waiting -= 1;
      answerCall(call, result);
    }
    if (this.#answered === this.#sent.length) {
      this.#sent = [];
      this.#answered = 0;
    } else if (this.#answered > 10_000) {
      this.#sent = this.#sent.slice(this.#answered);
      this.#answered = 0;
    }
    this.#rest();
  }

  #lost(reason: string): void {
    this.#tell({ type: 'away' });
    const again: Call[] = [];
    for (const call of this.#sent.slice(this.#answered)) {
      if (call.given || call.patience === Infinity) continue;
      if (isRepeatable(call)) {
        again.push(call);
        this.#unsentChars += sizeOfCall(call);
      } else {
        this.#waiting -= 1;
        doubtCall(call, reason);
      }
    }
    this.#sent = [];
    this.#answered = 0;
    this.#unsent = [...again, ...this.#unsent.filter(({ patience }) => patience !== Infinity)];
    this.#rest();
  }

  #failUnsent(reason: string, which: (call: Call) => boolean): void {
    const kept: Call[] = [];
    for (const call of this.#unsent) {
      if (!which(call)) {
        kept.push(call);
        continue;
      }
      this.#unsentChars = Math.max(0, this.#unsentChars - sizeOfCall(call));
      if (call.patience !== Infinity) this.#waiting -= 1;
      failCall(call, reason);
    }
    this.#unsent = kept;
    this.#rest();
  }

  /** Calls that wait keep the process alive, a connection does not. */
  #watch(): void {
    if (this.#timer === undefined) this.#timer = setInterval(() => this.#sweep(), TICK_MS);
    else this.#timer.ref();
  }

  #rest(): void {
    if (this.#waiting > 0) return;
    this.#timer?.unref();
    this.#onQuiet?.();
  }

  #sweep(): void {
    this.#tick += 1;
    if (this.#waiting === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const isOverdue = (call: Call): boolean => this.#tick - call.since >= call.patience;
    for (let index = this.#answered; index < this.#sent.length; index += 1) {
      const call = this.#sent[index] as Call;
      if (call.given || !isOverdue(call)) continue;
      const silence = `no answer within ${formatDuration((call.patience - 1) * TICK_MS)}`;
      if (this.#lastHeard <= call.since) {
        this.#connection.drop(silence);
        break;
      }
      this.#waiting -= 1;
      doubtCall(call, silence);
    }
    const { open, problem } = this.#connection;
    this.#failUnsent(open ? 'it does not take what it is sent' : problem, isOverdue);
  }
}
