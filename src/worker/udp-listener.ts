/**
 * One bound dgram socket whose handle is shared by all workers. There are no connections to lend or
 * to wait for: a drain stops receiving, and datagrams in the socket go to the other workers.
 */
import type dgram from 'node:dgram';
import type { Listening } from '../protocol/worker.ts';
import type { EventLoopHold } from './event-loop-hold.ts';
import { holdEventLoop } from './event-loop-hold.ts';
import type { Gate } from './gate.ts';
import type { ListenerKey } from './listener-keys.ts';
import type { Listener, Listeners } from './listeners.ts';
import type { UdpHandle } from './node-internals.ts';
import { addressText } from './socket-address.ts';

/** Where the holder keeps a socket that all workers share. */
const SHARED_SLOT = 0;

export interface AdoptUdpOptions {
  readonly socket: dgram.Socket;
  readonly handle: UdpHandle;
  readonly key: ListenerKey;
  readonly gate: Gate;
  readonly listeners: Listeners;
}

export class UdpListener implements Listener {
  readonly key: string;
  readonly #options: AdoptUdpOptions;
  readonly #receive: () => number;
  #state: 'bound' | 'waiting' | 'receiving' | 'stopped' | 'closed' = 'bound';
  #hold: EventLoopHold | null = null;

  constructor(options: AdoptUdpOptions) {
    const { handle, key } = options;
    this.key = key.text;
    this.#options = options;
    this.#receive = handle.recvStart.bind(handle);
    const close = handle.close.bind(handle);
    handle.recvStart = () => this.#begin();
    handle.close = (callback) => {
      this.#closed();
      close(callback);
    };
  }

  describe(): Listening {
    return { key: this.key, address: addressText(this.#options.socket.address()), kind: 'udp' };
  }

  slots(): readonly number[] {
    return this.#state === 'receiving' ? [SHARED_SLOT] : [];
  }

  /** A shared socket has nobody to be lent to. */
  lend(_slot: number, handle: UdpHandle): void {
    handle.close();
  }

  giveBack(): void {}

  stop(): void {
    if (this.#state === 'closed' || this.#state === 'stopped') return;
    const { handle, listeners } = this.#options;
    if (this.#state === 'receiving') {
      // The app may still send, and its own close() works as always.
      handle.recvStop();
      this.#hold ??= holdEventLoop(handle.hasRef());
    }
    this.#state = 'stopped';
    listeners.remove(this);
  }

  #begin(): number {
    const { handle, gate, listeners } = this.#options;
    if (gate.state === 'open') {
      const errno = this.#receive();
      if (errno !== 0) return errno;
      this.#state = 'receiving';
    } else {
      this.#state = 'waiting';
      this.#hold = holdEventLoop(handle.hasRef());
      gate.whenOpen(() => this.#enter());
    }
    if (gate.state !== 'shut') listeners.add(this);
    return 0;
  }

  #enter(): void {
    if (this.#state !== 'waiting') return;
    this.#release();
    this.#receive();
    this.#state = 'receiving';
    this.#options.listeners.servingChanged();
  }

  #closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#release();
    this.#options.key.release();
    this.#options.listeners.remove(this);
  }

  #release(): void {
    this.#hold?.release();
    this.#hold = null;
  }
}
