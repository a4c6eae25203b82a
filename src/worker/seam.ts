/** What both seams (listen-seam.ts for streams, dgram-seam.ts for datagrams) work with. */
import type net from 'node:net';
import type { Behind } from './behind.ts';
import type { Gate } from './gate.ts';
import type { HolderChannel } from './holder-channel.ts';
import type { ListenerKeys } from './listener-keys.ts';
import type { Listeners } from './listeners.ts';

export interface Seam {
  readonly channel: HolderChannel;
  readonly gate: Gate;
  readonly keys: ListenerKeys;
  readonly listeners: Listeners;
  /** This worker's slot. */
  readonly slot: number;
  /** Where http servers listen that a balancer stands before; null: no balancer does. */
  readonly behind: Behind | null;
  /** A server is about to take connections. */
  readonly onServer: (server: net.Server) => void;
}
