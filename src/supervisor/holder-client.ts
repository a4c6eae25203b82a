/** The supervisor's end of the holder's protocol (src/protocol/holder.ts), over its IPC channel. */
import { SkeinError } from '../core/errors.ts';
import type { HolderCommand, HolderEvent } from '../protocol/holder.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';

/** A raw libuv handle, as IPC delivers it. */
export type RawHandle = object;

export type Welcome = Extract<HolderEvent, { event: 'welcome' }>;

export interface HolderClient {
  readonly pid: number;
  readonly alive: boolean;
  send(command: HolderCommand): void;
}

export interface HolderListener {
  event(event: HolderEvent, handle: RawHandle | undefined): void;
  gone(): void;
}

/**
 * Waits for the holder's welcome. Everything after it goes to `listener`.
 * Throws E_PROTOCOL when the holder speaks another version.
 */
export const connectToHolder = (
  onWelcome: (welcome: Welcome, client: HolderClient) => HolderListener,
): void => {
  let listener: HolderListener | null = null;
  let alive = true;

  process.on('message', (message, handle) => {
    const event = message as HolderEvent;
    if (event.event !== 'welcome') {
      listener?.event(event, handle);
      return;
    }
    if (event.protocol !== PROTOCOL_VERSION)
      throw new SkeinError('E_PROTOCOL', {
        peer: 'holder',
        theirs: String(event.protocol),
        ours: String(PROTOCOL_VERSION),
      });
    listener = onWelcome(event, {
      pid: event.pid,
      get alive() {
        return alive;
      },
      send: (command) => {
        if (alive) process.send!(command, undefined, {}, () => {});
      },
    });
  });
  process.on('disconnect', () => {
    alive = false;
    // Of one that waits to take over: there is nothing to take over any more.
    if (listener === null) process.exit(0);
    listener.gone();
  });
};

/** Of a supervisor started for an upgrade: it has loaded, and waits for the welcome. */
export const sayAble = (version: string): void => {
  process.send!({ verb: 'able', protocol: PROTOCOL_VERSION, version } satisfies HolderCommand);
};
