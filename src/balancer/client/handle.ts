import type { Socket } from 'node:net';

/** A handle of libuv, as far as it is used here. */
export interface Handle {
  reading: boolean;
  readonly writeQueueSize: number;
  readStart(): void;
  readStop(): void;
}

/** Null once the socket is closed. */
export const handleOf = (socket: Socket): Handle | null =>
  (socket as unknown as { _handle: Handle | null })._handle;
