/**
 * One `listen` of a net, http, https, http2 or tls server, from the moment its socket has arrived:
 *
 *   bound ──listen()──▶ waiting ──gate opens──▶ accepting ──close()──▶ closed
 *             └───────────── gate open ─────────────▲
 *
 * Node's own code goes on working with the handle; `listen` and `close` of this one handle are
 * what tells us.
 */
import type net from 'node:net';
import type { Listening } from '../protocol/worker.ts';
import type { Where } from './behind.ts';
import type { EventLoopHold } from './event-loop-hold.ts';
import { holdEventLoop } from './event-loop-hold.ts';
import type { Gate } from './gate.ts';
import { LentSockets } from './lent-sockets.ts';
import type { Listener, Listeners } from './listeners.ts';
import type { ListenerKey } from './listener-keys.ts';
import type { ServerHandle } from './node-internals.ts';
import { inside } from './node-internals.ts';
import { kindOfServer } from './server-kind.ts';
import { addressText, listenError, nameOfHandle } from './socket-address.ts';
import { standInHandle } from './stand-in-handle.ts';

export interface AdoptOptions {
  readonly server: net.Server;
  readonly handle: ServerHandle;
  readonly key: ListenerKey;
  /** The slot of the socket in the holder; null for a socket that is this worker's alone. */
  readonly slot: number | null;
  /** Where balancers reach it, when `handle` is not of the address that it has for the app. */
  readonly where: Where | null;
  readonly gate: Gate;
  readonly listeners: Listeners;
  /** The server is about to take connections, or waits for the gate to. */
  readonly onServer: (server: net.Server) => void;
}

type State =
  | { readonly is: 'bound' }
  | { readonly is: 'waiting'; readonly hold: EventLoopHold }
  | { readonly is: 'accepting' }
  | { readonly is: 'closed' };

/** Puts `handle` under watch. Call before Node calls `handle.listen`. */
export const adoptHandle = (options: AdoptOptions): ServerListener => new ServerListener(options);

export class ServerListener implements Listener {
  readonly key: string;
  readonly #options: AdoptOptions;
  readonly #lent: LentSockets;
  readonly #listen: ServerHandle['listen'];
  #state: State = { is: 'bound' };
  #backlog = 511;
  #introduced = false;

  constructor(options: AdoptOptions) {
    const { handle, key, server } = options;
    this.key = key.text;
    this.#options = options;
    this.#lent = new LentSockets(server, handle);
    this.#listen = handle.listen.bind(handle);
    const close = handle.close.bind(handle);
    handle.listen = (backlog) => this.#begin(backlog);
    handle.close = (callback) => {
      this.#closed();
      close(callback);
    };
  }

  describe(): Listening {
    const { server, handle, where } = this.#options;
    const name = nameOfHandle(handle);
    const address = name === null ? (inside(server)._pipeName ?? this.key) : addressText(name);
    const listening: Listening = { key: this.key, address, kind: kindOfServer(server) };
    return where === null ? listening : { ...listening, behind: where };
  }

  slots(): readonly number[] {
    const { slot } = this.#options;
    if (this.#state.is !== 'accepting') return [];
    return slot === null ? this.#lent.slots() : [slot, ...this.#lent.slots()];
  }

  lend(slot: number, handle: ServerHandle): void {
    if (this.#state.is === 'closed' || slot === this.#options.slot) return handle.close();
    this.#lent.add(slot, handle);
    if (this.#state.is !== 'accepting') return;
    this.#lent.accept(this.#backlog);
    this.#options.listeners.servingChanged();
  }

  giveBack(slot: number): void {
    if (this.#lent.remove(slot)) this.#options.listeners.servingChanged();
  }

  stop(): void {
    const { handle, server } = this.#options;
    if (this.#state.is === 'closed') return;
    const internals = inside(server);
    if (internals._handle === handle) {
      internals._handle = standInHandle({
        name: nameOfHandle(handle),
        referenced: internals._unref !== true,
      });
    }
    handle.close();
  }

  /** The handle listens already: it was not ours to begin with (`exclusive`, `listen(handle)`). */
  listensAlready(): void {
    this.#accepting();
    this.#options.listeners.add(this);
  }

  #begin(backlog: number): number {
    const { gate, listeners, server } = this.#options;
    this.#backlog = backlog;
    if (gate.state === 'open') {
      const errno = this.#listen(backlog);
      if (errno !== 0) return errno;
      this.#accepting();
    } else {
      this.#wait(inside(server)._unref !== true);
    }
    if (gate.state !== 'shut') listeners.add(this);
    return 0;
  }

  /** A handle that does not listen does not keep the process alive, but the app's server does. */
  #wait(referenced: boolean): void {
    const { handle, gate } = this.#options;
    // Known from now on: the probe that is to open the gate asks it.
    this.#introduce();
    const hold = holdEventLoop(referenced);
    handle.ref = hold.ref;
    handle.unref = hold.unref;
    this.#state = { is: 'waiting', hold };
    gate.whenOpen(() => this.#enter());
  }

  #enter(): void {
    if (this.#state.is !== 'waiting') return;
    const { handle, server, listeners } = this.#options;
    this.#endWait(this.#state.hold);
    const errno = this.#listen(this.#backlog);
    if (errno !== 0) return this.#fail(errno);
    if (inside(server)._unref === true) handle.unref();
    this.#accepting();
    listeners.servingChanged();
  }

  #accepting(): void {
    this.#introduce();
    this.#state = { is: 'accepting' };
    this.#lent.accept(this.#backlog);
  }

  #introduce(): void {
    if (this.#introduced) return;
    this.#introduced = true;
    this.#options.onServer(this.#options.server);
  }

  #endWait(hold: EventLoopHold): void {
    const own = this.#options.handle as Partial<ServerHandle>;
    hold.release();
    // The methods of the prototype are back.
    delete own.ref;
    delete own.unref;
  }

  /** `listen` failed after the app was told that it listens: what Node does in setupListenHandle. */
  #fail(errno: number): void {
    const { server, handle } = this.#options;
    const name = nameOfHandle(handle);
    const internals = inside(server);
    if (internals._handle === handle) internals._handle = null;
    handle.close();
    server.emit(
      'error',
      listenError(errno, name?.address ?? internals._pipeName ?? null, name?.port ?? null),
    );
  }

  #closed(): void {
    if (this.#state.is === 'closed') return;
    if (this.#state.is === 'waiting') this.#endWait(this.#state.hold);
    this.#state = { is: 'closed' };
    this.#lent.removeAll();
    this.#options.key.release();
    this.#options.listeners.remove(this);
  }
}
