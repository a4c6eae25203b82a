/**
 * One client connection and the requests that wait on it, answered in order. Whatever happens to
 * the connection, each of its requests is booked exactly once. Nothing is ever sent again.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ClientKind, LoadProfile, Loss } from './profile.ts';
import { judge } from './requests.ts';
import type { PlannedRequest } from './requests.ts';
import { createResponseParser } from './response-parser.ts';
import type { Response } from './response-parser.ts';
import type { TallyBook } from './tally.ts';

export interface Exchange {
  readonly kind: ClientKind;
  readonly request: PlannedRequest;
  readonly dueAt: number;
}

export interface Connection {
  readonly socket: Socket;
  /** The caller writes the bytes; this expects the answers, in order. */
  expect(exchanges: readonly Exchange[]): void;
  /** Nothing waits and neither side has said it will close. */
  readonly idle: boolean;
  readonly closed: boolean;
}

export interface ConnectionHooks {
  /** Every expected answer has come and the connection may be used again. */
  onIdle?(connection: Connection): void;
  onClosed?(connection: Connection): void;
}

type Waiting = Exchange & { readonly nth: number; readonly timer: NodeJS.Timeout };

const openSocket = (target: LoadProfile): Socket => {
  const address =
    target.path === undefined ? { host: target.host, port: target.port } : { path: target.path };
  return target.tls
    ? connectTls({ ...address, rejectUnauthorized: false })
    : connect({ ...address, noDelay: true });
};

const noConnection: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT']);

export const openConnection = (
  target: LoadProfile,
  book: TallyBook,
  hooks: ConnectionHooks = {},
): Connection => {
  const socket = openSocket(target);
  const waiting: Waiting[] = [];
  let localPort: number | null = null;
  let expected = 0;
  let worker: string | null = null;
  let closing = false;
  let closed = false;
  let failure: NodeJS.ErrnoException | null = null;

  const lose = (one: Waiting, outcome: Loss['outcome'], detail: string): void => {
    clearTimeout(one.timer);
    const { kind, dueAt, nth } = one;
    book.lost({
      outcome,
      kind,
      method: one.request.method,
      dueAt,
      endedAt: Date.now(),
      localPort,
      nth,
      worker,
      detail,
    });
  };

  /** The connection is over: what still waits has its outcome now. */
  const settle = (): void => {
    const why = failure === null ? 'connection closed' : (failure.code ?? failure.message);
    for (const [index, one] of waiting.splice(0).entries()) {
      if (failure !== null && noConnection.has(failure.code ?? '')) lose(one, 'refused', why);
      else if (index === 0 && parser.inside) lose(one, 'truncated', why);
      else lose(one, 'reset', closing ? 'connection closed by an earlier response' : why);
    }
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    settle();
    socket.destroy();
    hooks.onClosed?.(connection);
  };

  const onResponse = (response: Response): void => {
    const one = waiting.shift();
    if (one === undefined) throw new Error('a response that nobody asked for');
    worker = response.headers['x-worker'] ?? worker;
    const mistake = judge(one.request, response);
    if (mistake !== null) lose(one, mistake.outcome, mistake.detail);
    else {
      clearTimeout(one.timer);
      book.ok(one.kind, one.dueAt, worker);
    }
    if (/\bclose\b/i.test(response.headers['connection'] ?? '')) {
      closing = true;
      close();
    } else if (waiting.length === 0) hooks.onIdle?.(connection);
  };

  const parser = createResponseParser(onResponse);

  const connection: Connection = {
    socket,
    expect(exchanges) {
      for (const exchange of exchanges) {
        const timer = setTimeout(
          () => {
            // What waits behind it on this connection was due at the same time.
            for (const one of waiting.splice(0)) lose(one, 'timeout', 'no whole answer in time');
            close();
          },
          exchange.dueAt + target.timeoutMs - Date.now(),
        );
        waiting.push({ ...exchange, nth: expected, timer });
        expected += 1;
      }
    },
    get idle() {
      return !closed && !closing && waiting.length === 0;
    },
    get closed() {
      return closed;
    },
  };

  socket.on('connect', () => {
    localPort = socket.localPort ?? null;
    book.connected();
  });
  socket.on('data', (chunk: Buffer) => {
    if (closed) return;
    try {
      parser.push(chunk);
    } catch (error) {
      const one = waiting.shift();
      if (one !== undefined) lose(one, 'wrong', String(error));
      close();
    }
  });
  socket.on('end', () => {
    if (!closed) parser.end();
    close();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error;
    close();
  });
  socket.on('close', close);
  return connection;
};
