/**
 * HTTP/2: streams are counted through their sessions, and a retiring server ends each session
 * without losing a stream, in the two steps of RFC 9113, 6.8:
 *
 *   next stream ──▶ GOAWAY (highest id) + PING ──▶ PING comes back ──▶ GOAWAY (last id), streams
 *                   streams are held back          the client has      go to the app, and the
 *                                                  read the first      session ends with them
 *
 * Streams the client had begun before it read the first GOAWAY arrive before the PING and are
 * answered. They are held back meanwhile because nghttp2 stops reading from a session that has
 * said GOAWAY and has no open stream: the PING would never arrive.
 */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type net from 'node:net';
import type { Tally } from './accounting.ts';
import { connectionOf } from './connections.ts';

const NO_ERROR = 0;
const HIGHEST_STREAM_ID = 2 ** 31 - 1;
/** How long the PING may take before streams are handed on all the same. */
const PING_MS = 1_000;
/** A retiring server's session without a stream for this long is closed without a first step. */
const IDLE_MS = 2_000;
const LOOK_EVERY_MS = 500;

interface Session {
  readonly session: ServerHttp2Session;
  /** open: as ever. noticed: the first GOAWAY is out. closing: the last one is. */
  state: 'open' | 'noticed' | 'closing';
  streams: number;
  idleSince: number;
  readonly held: (() => void)[];
}

interface Watched {
  readonly sessions: Map<ServerHttp2Session, Session>;
  /** Its 'stream' events pass through here. */
  holding: boolean;
}

export class Http2Sessions {
  readonly #byServer = new Map<net.Server, Watched>();
  readonly #tally: Tally;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Follows the sessions of an http2 server. */
  watch(server: net.Server): void {
    if (this.#byServer.has(server)) return;
    const sessions = new Map<ServerHttp2Session, Session>();
    this.#byServer.set(server, { sessions, holding: false });
    server.on('session', (session: ServerHttp2Session) => this.#follow(sessions, session));
  }

  /** While `isRetired()`, each session of `server` ends after its next streams, or when it is idle. */
  retire(server: net.Server, isRetired: () => boolean): void {
    const watched = this.#byServer.get(server);
    if (watched === undefined) return;
    const { sessions, holding } = watched;
    if (!holding) holdStreams(server, sessions, isRetired);
    watched.holding = true;
    const look = setInterval(() => {
      if (!isRetired() || sessions.size === 0) return clearInterval(look);
      this.endIdle(server, IDLE_MS);
    }, LOOK_EVERY_MS);
    look.unref();
  }

  /** Closes the sessions of `server` that have had no stream for `idleMs`. */
  endIdle(server: net.Server, idleMs: number): void {
    for (const one of this.#byServer.get(server)?.sessions.values() ?? []) {
      if (one.streams === 0 && performance.now() - one.idleSince >= idleMs) finish(one);
    }
  }

  #follow(sessions: Map<ServerHttp2Session, Session>, session: ServerHttp2Session): void {
    const connection = connectionOf(session.socket);
    // A probe's session.
    if (connection === undefined) return;
    connection.http2 = true;
    const one: Session = { session, state: 'open', streams: 0, idleSince: performance.now(), held: [] };
    sessions.set(session, one);
    session.once('close', () => sessions.delete(session));
    session.on('stream', (stream) => this.#count(one, stream));
  }

  #count(one: Session, stream: ServerHttp2Stream): void {
    const tally = this.#tally;
    tally.begun++;
    one.streams++;
    stream.once('close', () => {
      one.streams--;
      one.idleSince = performance.now();
      if (!stream.headersSent) tally.reset++;
      else if (stream.rstCode === NO_ERROR && stream.writableFinished) tally.answered++;
      else tally.truncated++;
    });
  }
}

/** The server emits each stream of its sessions as an event of its own: there it can be held. */
const holdStreams = (
  server: net.Server,
  sessions: ReadonlyMap<ServerHttp2Session, Session>,
  isRetired: () => boolean,
): void => {
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  server.emit = ((event: string, ...args: unknown[]): boolean => {
    if (event !== 'stream' || !isRetired()) return emit(event, ...args);
    const stream = args[0] as ServerHttp2Stream;
    const one = stream.session === undefined ? undefined : sessions.get(stream.session as ServerHttp2Session);
    if (one === undefined || one.state === 'closing') return emit(event, ...args);
    one.held.push(() => {
      if (!stream.destroyed) emit(event, ...args);
    });
    if (one.state === 'open') notice(one);
    return true;
  }) as typeof server.emit;
};

const notice = (one: Session): void => {
  one.state = 'noticed';
  one.session.goaway(NO_ERROR, HIGHEST_STREAM_ID);
  const proceed = (): void => finish(one);
  const timer = setTimeout(proceed, PING_MS).unref();
  const sent = one.session.ping(() => {
    clearTimeout(timer);
    proceed();
  });
  if (!sent) proceed();
};

const finish = (one: Session): void => {
  if (one.state === 'closing') return;
  one.state = 'closing';
  for (const handOn of one.held.splice(0)) handOn();
  if (!one.session.destroyed && !one.session.closed) one.session.close();
};
