/**
 * Streams on a few HTTP/2 sessions. After GOAWAY a new session is opened. A stream that the server
 * refused unprocessed is sent again, as every HTTP/2 client does (RFC 9113, 8.7), and counted.
 */
import { connect, constants } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import type { Exchange } from '../connection.ts';
import type { LoadProfile, Loss } from '../profile.ts';
import type { Random } from '../random.ts';
import { judge } from '../requests.ts';
import type { TallyBook } from '../tally.ts';

export interface Http2Sessions {
  send(exchange: Exchange): void;
  close(): void;
}

const sessionCount = 4;

export const createHttp2Sessions = (profile: LoadProfile, book: TallyBook, random: Random): Http2Sessions => {
  const sessions: (ClientHttp2Session | undefined)[] = [];

  const sessionAt = (index: number): ClientHttp2Session => {
    const present = sessions[index];
    if (present !== undefined && !present.closed && !present.destroyed) return present;
    const scheme = profile.tls ? 'https' : 'http';
    const session = connect(`${scheme}://${profile.host}:${profile.port}`, { rejectUnauthorized: false });
    session.on('connect', () => book.connected());
    session.on('goaway', () => {
      if (sessions[index] === session) sessions[index] = undefined;
    });
    // Each stream tells what the session's end did to it.
    session.on('error', () => {});
    sessions[index] = session;
    return session;
  };

  const attempt = (exchange: Exchange, tries: number): void => {
    const { kind, request, dueAt } = exchange;
    const session = sessionAt(random.between(0, sessionCount - 1));
    const localPort = session.socket?.localPort ?? null;
    const stream = session.request(
      {
        ':method': request.method,
        ':path': request.path,
        ...(request.method === 'POST' && { 'content-type': 'application/octet-stream' }),
      },
      { endStream: request.method === 'GET' },
    );
    const body: Buffer[] = [];
    let status = 0;
    let worker: string | null = null;
    let whole = false;
    let settled = false;
    let failure: NodeJS.ErrnoException | null = null;

    const lose = (outcome: Loss['outcome'], detail: string): void => {
      book.lost({
        outcome,
        kind,
        method: request.method,
        dueAt,
        endedAt: Date.now(),
        localPort,
        nth: stream.id ?? 0,
        worker,
        detail,
      });
    };
    const settle = (): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && status === 0;
      if (refused && tries < 3) {
        book.retried();
        attempt(exchange, tries + 1);
      } else if (failure?.code === 'ECONNREFUSED') lose('refused', failure.code);
      else if (status === 0) lose('reset', `${failure?.code ?? 'stream closed'}, rst ${stream.rstCode}`);
      else if (!whole || stream.rstCode !== 0)
        lose('truncated', `${failure?.code ?? 'stream closed'}, rst ${stream.rstCode}`);
      else {
        const mistake = judge(request, { status, headers: {}, body: Buffer.concat(body) });
        if (mistake === null) book.ok(kind, dueAt, worker);
        else lose(mistake.outcome, mistake.detail);
      }
    };
    const timer = setTimeout(
      () => {
        if (settled) return;
        settled = true;
        lose('timeout', 'no whole answer in time');
        stream.close(constants.NGHTTP2_CANCEL);
      },
      dueAt + profile.timeoutMs - Date.now(),
    );
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
      worker = headers['x-worker'] === undefined ? null : String(headers['x-worker']);
    });
    stream.on('data', (chunk: Buffer) => body.push(chunk));
    stream.on('end', () => (whole = true));
    stream.on('error', (error: NodeJS.ErrnoException) => (failure = error));
    stream.on('close', settle);
    if (request.method === 'POST') stream.end(request.body);
  };

  return {
    send: (exchange) => attempt(exchange, 0),
    close() {
      for (const session of sessions) session?.destroy();
    },
  };
};
