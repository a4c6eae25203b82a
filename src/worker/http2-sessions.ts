/**
 * HTTP/2: streams are counted through their sessions, and a drain says GOAWAY in the two steps of
 * RFC 9113, 6.8: first with the highest stream id, so that streams the client has begun in the
 * meantime are still answered; then, when a PING has come back and the client must have read it,
 * the final one. The session closes when its streams have ended.
 */
import type { Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type net from 'node:net';
import type { Tally } from './accounting.ts';
import { connectionOf } from './connections.ts';

const NO_ERROR = 0;
const HIGHEST_STREAM_ID = 2 ** 31 - 1;

export class Http2Sessions {
  readonly #open = new Map<net.Server, Set<ServerHttp2Session>>();
  readonly #tally: Tally;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Follows the sessions of an http2 server. `retiring` says whether new ones shall end soon. */
  watch(server: net.Server, retiring: () => boolean): void {
    if (this.#open.has(server)) return;
    const open = new Set<ServerHttp2Session>();
    this.#open.set(server, open);
    server.on('session', (session: ServerHttp2Session) => {
      const connection = connectionOf(session.socket);
      // A probe's session.
      if (connection === undefined) return;
      connection.http2 = true;
      open.add(session);
      session.once('close', () => open.delete(session));
      session.on('stream', (stream) => this.#count(stream as ServerHttp2Stream));
      if (retiring()) goAway(session);
    });
  }

  /** Streams of `server` that are open are answered, then its sessions end. */
  retire(server: net.Server): void {
    for (const session of this.#open.get(server) ?? []) goAway(session);
  }

  #count(stream: ServerHttp2Stream): void {
    const tally = this.#tally;
    tally.begun++;
    stream.once('close', () => {
      if (!stream.headersSent) tally.reset++;
      else if (stream.rstCode === NO_ERROR && stream.writableFinished) tally.answered++;
      else tally.truncated++;
    });
  }
}

const goingAway = new WeakSet<Http2Session>();

const goAway = (session: ServerHttp2Session): void => {
  if (goingAway.has(session) || session.destroyed || session.closed) return;
  goingAway.add(session);
  session.goaway(NO_ERROR, HIGHEST_STREAM_ID);
  const close = (): void => {
    if (!session.destroyed && !session.closed) session.close();
  };
  if (!session.ping(close)) close();
};
