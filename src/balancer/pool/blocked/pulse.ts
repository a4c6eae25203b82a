/** The unix socket on which a worker's preload answers each byte with one. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';

const BYTE = new Uint8Array([1]);

export interface Pulse {
  /** Sends a byte, over a connection that is opened when it is first needed. */
  readonly ask: () => void;
  readonly close: () => void;
}

export interface PulseEvents {
  readonly onAnswer: () => void;
  /** Nobody is there who could answer: that says nothing about an event loop. */
  readonly onBroken: () => void;
}

export const openPulse = (path: string, { onAnswer, onBroken }: PulseEvents): Pulse => {
  let socket: Socket | undefined;

  const open = (): Socket => {
    const opened = connect(path);
    opened.unref();
    opened.on('data', onAnswer);
    opened.on('error', () => {});
    opened.on('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      onBroken();
    });
    return opened;
  };

  return {
    ask: () => {
      socket ??= open();
      socket.write(BYTE);
    },
    close: () => {
      const closing = socket;
      socket = undefined;
      closing?.destroy();
    },
  };
};
