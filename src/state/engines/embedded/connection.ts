/**
 * A connection to the state server that makes itself again for as long as somebody wants it. The
 * server's end: src/state/server/connection.ts.
 */
import type { Socket } from 'node:net';
import { backoffMs } from '../../../core/backoff.ts';
import { formatDuration } from '../../../core/duration.ts';
import { createLineReader } from '../../../core/line-reader.ts';
import type { StateHello } from '../../../protocol/state-wire.ts';
import { STATE_PROTOCOL } from '../../../protocol/state-wire.ts';
import type { Dial } from './dial.ts';

export interface ConnectionOptions {
  readonly dial: Dial;
  readonly hello: () => Omit<StateHello, 'protocol'>;
  /** How long the server may take to greet. */
  readonly timeoutMs: number;
  /** Whether anybody waits for it or listens. */
  readonly wanted: () => boolean;
  readonly onOpen: () => void;
  readonly onMessage: (message: unknown) => void;
  /** The server reads again. */
  readonly onDrain: () => void;
  /** It was open and is not any more. */
  readonly onLost: (reason: string) => void;
  /** It cannot be made, and trying again soon will not help those who wait. */
  readonly onRefused: (reason: string) => void;
}

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'pausing'; readonly timer: NodeJS.Timeout; readonly refused: boolean }
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'closed' };

/** A server is started when somebody connects, which takes some tens of milliseconds. */
const soon = { baseMs: 5, maxMs: 250 };

/** Where something has to be put right first. */
const later = { baseMs: 500, maxMs: 5_000 };

/** Nobody will change that within the patience of a call. */
const hopeless = new Set(['EACCES', 'EPERM', 'ENOTSOCK', 'ENAMETOOLONG', 'EPROTOTYPE']);

class Refused extends Error {}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Connection {
  readonly #options: ConnectionOptions;
  #phase: Phase = { kind: 'idle' };
  #attempt = 0;
  /** Why the last try failed. */
  problem = 'it is being connected';

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get open(): boolean {
    return this.#phase.kind === 'open';
  }

  /** Why nobody need wait for it now. */
  get refused(): string | undefined {
    return this.#phase.kind === 'pausing' && this.#phase.refused ? this.problem : undefined;
  }

  /** Bytes that the server has not taken yet. */
  get unread(): number {
    return this.#phase.kind === 'open' ? this.#phase.socket.writableLength : 0;
  }

  /** Connects unless that is under way. */
  want(): void {
    if (this.#phase.kind === 'idle') void this.#connect();
  }

  send(text: string): void {
    if (this.#phase.kind === 'open') this.#phase.socket.write(text);
  }

  /** Gives up a connection over which nothing comes. */
  drop(reason: string): void {
    if (this.#phase.kind === 'open') this.#lost(this.#phase.socket, reason);
  }

  close(): void {
    const phase = this.#phase;
    this.#phase = { kind: 'closed' };
    if (phase.kind === 'pausing') clearTimeout(phase.timer);
    if (phase.kind === 'open') phase.socket.destroy();
  }

  async #connect(): Promise<void> {
    this.#phase = { kind: 'connecting' };
    try {
      const socket = await this.#options.dial();
      // What keeps the process alive are the calls that wait.
      socket.unref();
      if (this.#isClosed()) socket.destroy();
      else await this.#greet(socket);
    } catch (error) {
      if (!this.#isClosed()) this.#failed(error);
    }
  }

  /** `close` may have come at any await. */
  #isClosed(): boolean {
    return this.#phase.kind === 'closed';
  }

  #greet(socket: Socket): Promise<void> {
    const { hello, timeoutMs, onMessage, onDrain } = this.#options;
    return new Promise((resolve, reject) => {
      let greeted = false;
      const fail = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new Error(`no greeting within ${formatDuration(timeoutMs)}`)),
        timeoutMs,
      ).unref();
      const welcome = (line: string): void => {
        clearTimeout(timer);
        const { protocol } = JSON.parse(line) as { protocol?: number };
        if (protocol !== STATE_PROTOCOL) {
          fail(
            new Refused(
              `it speaks version ${protocol} of its protocol, this process version ${STATE_PROTOCOL}: the Skein that runs and the one that the app imports are too different`,
            ),
          );
          return;
        }
        greeted = true;
        resolve();
        if (this.#isClosed()) socket.destroy();
        else this.#opened(socket);
      };
      const lines = createLineReader(Infinity, (line) => {
        if (socket.destroyed) return;
        try {
          if (greeted) {
            // Not when it greets: one that ends every connection after that must not be asked in a loop.
            this.#attempt = 0;
            onMessage(JSON.parse(line));
          } else welcome(line);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => lines.push(chunk));
      socket.on('drain', onDrain);
      let problem = 'the server closed the connection';
      socket.on('error', (error) => {
        problem = error.message;
      });
      socket.on('close', () => {
        clearTimeout(timer);
        if (greeted) this.#lost(socket, problem);
        else reject(new Error(problem));
      });
      socket.write(`${JSON.stringify({ protocol: STATE_PROTOCOL, ...hello() } satisfies StateHello)}\n`);
    });
  }

  #opened(socket: Socket): void {
    this.#phase = { kind: 'open', socket };
    this.#options.onOpen();
  }

  #lost(socket: Socket, reason: string): void {
    if (this.#phase.kind !== 'open' || this.#phase.socket !== socket) return;
    this.#phase = { kind: 'idle' };
    socket.destroy();
    this.problem = reason;
    this.#options.onLost(reason);
    this.#pause(false);
  }

  #failed(error: unknown): void {
    this.#phase = { kind: 'idle' };
    this.problem = reasonOf(error);
    const refused = error instanceof Refused || hopeless.has((error as NodeJS.ErrnoException).code ?? '');
    if (refused) this.#options.onRefused(this.problem);
    this.#pause(refused);
  }

  #pause(refused: boolean): void {
    if (!this.#options.wanted()) return;
    const ms = backoffMs(refused ? later : soon, this.#attempt, Math.random);
    this.#attempt += 1;
    const timer = setTimeout(() => {
      this.#phase = { kind: 'idle' };
      if (this.#options.wanted()) this.want();
    }, ms).unref();
    this.#phase = { kind: 'pausing', timer, refused };
  }
}
