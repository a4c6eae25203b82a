/**
 * The worker's end of the IPC channel to the holder: asks for sockets and receives lent ones. The
 * messages are internal ones (`NODE_SKEIN`), which Node keeps from the app's 'message' listeners
 * and which keep no process alive. The holder's end: src/holder/holder.ts.
 */
import type { BindReply, BindRequest, ConnectRequest, Lend, OwnSocketRequest } from '../protocol/holder.ts';
import { HOLDER_CMD } from '../protocol/holder.ts';
import { constants } from 'node:os';
import type { ReceivedHandle } from './node-internals.ts';

export type Bind = Omit<BindRequest, 'cmd' | 'verb' | 'seq'>;

/** `handle` is null exactly when `errno` (a negative libuv error number) is not 0. */
export type Bound =
  | {
      readonly errno: 0;
      readonly handle: ReceivedHandle;
      readonly data: unknown;
      readonly mode: BindReply['mode'];
    }
  | { readonly errno: number; readonly handle: null };

export interface HolderChannel {
  bind(request: Bind, done: (bound: Bound) => void): void;
  /** A connection to one of Skein's own sockets, for a worker that may not open one itself. */
  connect(to: ConnectRequest['to'], done: (bound: Bound) => void): void;
  /** A unix socket of this worker alone; `data` is an `OwnSocket`. */
  ownSocket(done: (bound: Bound) => void): void;
  /** The holder is gone: whoever waits is told, and so is everyone who asks later. */
  lost(): void;
}

type ProcessSend = (
  message: object,
  handle: undefined,
  options: object,
  callback: (error: Error | null) => void,
) => boolean;

const GONE: Bound = { errno: -constants.errno.ENOTCONN, handle: null };
/** The reply came, its handle did not (the receiver was out of file descriptors). */
const NO_HANDLE: Bound = { errno: -constants.errno.EMFILE, handle: null };

export const openHolderChannel = (onLend: (lend: Lend, handle: ReceivedHandle) => void): HolderChannel => {
  // `_send` instead of `send`: it still works after the app has called `process.disconnect()`.
  const send = (process as unknown as { _send: ProcessSend })._send.bind(process);
  const waiting = new Map<number, (bound: Bound) => void>();
  let seq = 0;
  let gone = false;

  const settle = (id: number, bound: Bound): void => {
    const done = waiting.get(id);
    waiting.delete(id);
    if (done !== undefined) done(bound);
    else bound.handle?.close();
  };

  process.on(
    'internalMessage' as never,
    ((message: Partial<BindReply & Lend>, handle?: ReceivedHandle) => {
      if (message?.cmd !== HOLDER_CMD) return;
      if (message.verb === 'lend') {
        if (handle !== undefined) onLend(message as Lend, handle);
        return;
      }
      const { reply, errno, data, mode } = message as BindReply;
      if (errno !== 0) settle(reply, { errno, handle: null });
      else settle(reply, handle === undefined ? NO_HANDLE : { errno: 0, handle, data, mode });
    }) as never,
  );

  const ask = (
    message: (seq: number) => BindRequest | ConnectRequest | OwnSocketRequest,
    done: (bound: Bound) => void,
  ): void => {
    if (gone) {
      process.nextTick(done, GONE);
      return;
    }
    const id = seq++;
    waiting.set(id, done);
    send(message(id), undefined, {}, (error) => {
      if (error !== null) settle(id, GONE);
    });
  };

  return {
    bind: (request, done) => ask((id) => ({ cmd: HOLDER_CMD, verb: 'bind', seq: id, ...request }), done),
    connect: (to, done) => ask((id) => ({ cmd: HOLDER_CMD, verb: 'connect', seq: id, to }), done),
    ownSocket: (done) => ask((id) => ({ cmd: HOLDER_CMD, verb: 'own-socket', seq: id }), done),
    lost() {
      gone = true;
      for (const id of [...waiting.keys()]) settle(id, GONE);
    },
  };
};
