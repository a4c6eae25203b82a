/**
 * Ends this worker's work without losing a request:
 *
 * 1. Its listening sockets are closed here; their queues live on in the holder.
 * 2. Each response from now on says `Connection: close`; HTTP/2 sessions get GOAWAY.
 * 3. Idle connections are left until their next request or their keep-alive timeout: a request may
 *    be on its way in any of them.
 * 4. The app's hooks for the beginning of a drain run; then WebSockets are told to go away, spread
 *    over the time there is.
 * 5. It is over when no connection is left, or at the limit, which ends the idle ones and then
 *    breaks the others.
 */
import diagnostics from 'node:diagnostics_channel';
import type net from 'node:net';
import type { Connection, Connections } from './connections.ts';
import type { Gate } from './gate.ts';
import type { Listeners } from './listeners.ts';
import { inside } from './node-internals.ts';
import { isReceiving } from './pipelining.ts';
import type { Retirement } from './retirement.ts';
import { closeWebSockets, isWebSocket } from './upgrades.ts';

export type DrainEnd = 'empty' | 'limit';

export interface DrainContext {
  readonly gate: Gate;
  readonly listeners: Listeners;
  readonly connections: Connections;
  readonly retirement: Retirement;
  /** Whether its connections come from balancers, and from nobody else. */
  readonly isBehind: (server: net.Server) => boolean;
  /** What the app does when a drain begins; null: nothing. */
  readonly farewell: () => Promise<void> | null;
  readonly phaseChanged: () => void;
  /** The app is a balancer, which knows itself what is idle. */
  readonly endIdle: () => void;
}

/** What is closed before the limit. */
export interface How {
  readonly closeIdle?: boolean | undefined;
  readonly letGo?: boolean | undefined;
}

type State =
  | { readonly is: 'working' }
  | { readonly is: 'draining'; readonly endsAt: number; readonly timer: NodeJS.Timeout }
  | { readonly is: 'breaking' }
  | { readonly is: 'drained'; readonly end: DrainEnd };

/** How long a connection may go without its first byte when the app stops for good. */
const SILENCE_MS = 1_000;

/** The part of the drain's time after which WebSockets are closed, whatever the app still does. */
const FAREWELL_SHARE = 0.5;

/** Between the FIN of idle connections at the limit and the end of all that is left. */
const LAST_WORDS_MS = 100;

export class Drain {
  readonly #context: DrainContext;
  readonly #onEnd: ((end: DrainEnd) => void)[] = [];
  #state: State = { is: 'working' };

  constructor(context: DrainContext) {
    this.#context = context;
  }

  get phase(): 'working' | 'draining' | 'drained' {
    return this.#state.is === 'breaking' ? 'draining' : this.#state.is;
  }

  /**
   * Drains within `limitMs`. Asked again, the earlier limit counts. `onEnd` is called once.
   * `closeIdle`: the app stops for good, so nobody would answer the next request on an idle
   * connection: it ends at once, and so does each other when its responses are out. `letGo`: balancers
   * send nothing new, so what is idle of theirs ends.
   */
  begin(
    limitMs: number,
    onEnd: (end: DrainEnd) => void,
    { closeIdle = false, letGo = false }: How = {},
  ): void {
    if (closeIdle) this.#closeIdleFromNowOn();
    const state = this.#state;
    if (state.is === 'drained') return onEnd(state.end);
    this.#onEnd.push(onEnd);
    if (state.is === 'breaking') return;
    const endsAt = Date.now() + limitMs;
    if (state.is === 'draining') {
      if (endsAt < state.endsAt) this.#limitAt(endsAt, state.timer);
    } else {
      this.#limitAt(endsAt);
      this.#stop(limitMs, closeIdle ? 0 : limitMs);
      this.#context.phaseChanged();
    }
    if (closeIdle) {
      this.#endIdle();
      this.#context.endIdle();
      setTimeout(() => this.#endSilent(), SILENCE_MS).unref();
    }
    if (letGo) this.#endIdleBehind();
    this.#endIfEmpty();
  }

  /** What was sent before lies in the kernel: after one whole turn of the event loop it has been read. */
  #endIdleBehind(): void {
    const end = (): void => {
      for (const { socket } of this.#open().filter(
        (one) => isIdle(one) && this.#context.isBehind(one.server),
      ))
        socket.end();
    };
    setImmediate(() => setImmediate(end));
  }

  #closeIdleFromNowOn(): void {
    diagnostics.subscribe('http.server.response.finish', () => setImmediate(() => this.#endIdle()));
  }

  #endIdle(): void {
    const { connections, retirement } = this.#context;
    for (const { socket } of this.#open().filter(isIdle)) socket.end();
    for (const server of connections.servers()) retirement.endIdleSessions(server);
  }

  /** Connections that were opened in advance: they hold nothing up. */
  #endSilent(): void {
    for (const { socket } of this.#open().filter((one) => isQuiet(one) && one.socket.bytesRead === 0))
      socket.end();
  }

  #limitAt(endsAt: number, previous?: NodeJS.Timeout): void {
    clearTimeout(previous);
    const timer = setTimeout(() => this.#break(), endsAt - Date.now());
    timer.unref();
    this.#state = { is: 'draining', endsAt, timer };
  }

  /** The 'close' event of a connection has been dealt with. */
  connectionClosed(): void {
    this.#endIfEmpty();
  }

  /** `spreadMs`: over how long WebSockets are told to go away. */
  #stop(limitMs: number, spreadMs: number): void {
    const { gate, listeners, connections, retirement } = this.#context;
    gate.shut();
    for (const server of connections.servers()) {
      retirement.retire(server);
      this.#watch(server);
    }
    listeners.stopAll();
    const close = (windowMs: number): void => closeWebSockets(this.#open().filter(isWebSocket), windowMs);
    const farewell = this.#context.farewell();
    if (farewell === null) return close(spreadMs);
    const began = Date.now();
    const patience = new Promise<void>((resolve) => setTimeout(resolve, limitMs * FAREWELL_SHARE).unref());
    void Promise.race([farewell, patience]).then(() => close(Math.max(0, spreadMs - (Date.now() - began))));
  }

  /** Node calls this whenever a connection of a server has ended. */
  #watch(server: net.Server): void {
    const internals = inside(server);
    const emitCloseIfDrained = internals._emitCloseIfDrained;
    internals._emitCloseIfDrained = () => {
      emitCloseIfDrained.call(server);
      this.#endIfEmpty();
    };
  }

  #endIfEmpty(): void {
    if (this.#state.is !== 'draining' && this.#state.is !== 'breaking') return;
    if (!this.#context.connections.empty) return;
    this.#end(this.#state.is === 'draining' ? 'empty' : 'limit');
  }

  #break(): void {
    this.#state = { is: 'breaking' };
    const open = this.#open();
    for (const { socket } of open.filter(isQuiet)) socket.end();
    setTimeout(() => {
      for (const { socket } of this.#open()) socket.destroy();
      // Their 'close' events end the drain. TLS handshakes, of which nothing is known, do not.
      setTimeout(() => this.#end('limit'), LAST_WORDS_MS);
    }, LAST_WORDS_MS);
    this.#endIfEmpty();
  }

  #end(end: DrainEnd): void {
    const state = this.#state;
    if (state.is === 'drained') return;
    if (state.is === 'draining') clearTimeout(state.timer);
    this.#state = { is: 'drained', end };
    this.#context.phaseChanged();
    // The streams of an HTTP/2 session close, and are counted, after its connection.
    setImmediate(() => {
      for (const onEnd of this.#onEnd.splice(0)) onEnd(end);
    });
  }

  #open(): Connection[] {
    const { connections } = this.#context;
    return connections.servers().flatMap((server) => connections.of(server));
  }
}

/** Between two requests. A new connection is not: its first request may be on its way. */
const isIdle = (connection: Connection): boolean =>
  isQuiet(connection) && connection.upgraded === null && !isReceiving(connection);

/** Nothing is being answered on it: idle, or no longer HTTP. */
const isQuiet = ({ inFlight, http2, server, upgraded }: Connection): boolean =>
  inFlight === 0 && !http2 && (upgraded !== null || 'closeIdleConnections' in server);
