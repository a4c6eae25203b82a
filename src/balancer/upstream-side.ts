/**
 * The upstream's side of one request: an upstream from the pool, a connection to it, the response; another
 * try when that is safe. Whatever ends it, the upstream is released once and the observer is told once.
 */
import type {
  Client,
  Pool,
  PoolMember,
  Refused,
  RequestHead,
  Rules,
  Termination,
  TunnelEnd,
  Waiter,
} from './contract.ts';
import type { UpstreamAddress } from '../protocol/balance.ts';
import type { OwnAnswer } from './error-page.ts';
import { errorPage } from './error-page.ts';
import { ExchangeFacts } from './exchange-facts.ts';
import { takesTrailers } from './headers/hop-by-hop.ts';
import type { RawHeaders } from './headers/raw-headers.ts';
import { safeTrailers } from './headers/trailers.ts';
import { requestText } from './request-text.ts';
import type { FailedTry } from './retry-rules.ts';
import { retryVerdict } from './retry-rules.ts';
import { failedAs, NORMAL, refusedAs, tunnelTermination } from './terminations.ts';
import type { Ticking } from './ticker.ts';
import { leaveTicker, TICK_MS, tickNow } from './ticker.ts';
import type { Taker, UpstreamConnection } from './upstream/connection.ts';
import type { UpstreamConnections } from './upstream/connections.ts';
import type { Asked, UpstreamHead } from './upstream/response-head.ts';

/** What exchanges of all clients have in common. */
export interface ExchangeTools {
  readonly connections: UpstreamConnections;
  /** The PROXY protocol header for an upstream that wants one. */
  proxyHeader(version: 'v1' | 'v2', connection: Client['connection']): Uint8Array;
}

type Phase =
  | 'routing'
  | 'queued'
  | 'connecting'
  | 'waiting'
  | 'answering'
  /** All is with the client's connection, which has not handed it over yet. */
  | 'handing-over'
  | 'tunnel'
  | 'done';

const NOBODY: readonly PoolMember[] = [];
/** So long unused, and an upstream's end of the connection says nothing about the upstream. */
const STALE_MS = 500;

export abstract class UpstreamSide extends ExchangeFacts implements Waiter, Taker, Ticking {
  tickIndex: number = -1;
  tried: readonly PoolMember[] = NOBODY;
  /** For request-text.ts. */
  target = '';
  hostField = '';
  plain = true;
  protected readonly client: Client;
  protected readonly rules: Rules;
  protected phase: Phase = 'routing';
  protected deadline: number = Infinity;
  protected ownHostWanted = false;
  /** Times have to be asked for: it did not all happen at once. */
  protected waited = false;
  private readonly tools: ExchangeTools;
  /** Counted in flight for this request until it is released. */
  private taken: PoolMember | null = null;
  private link: UpstreamConnection | null = null;
  private asked: Asked | null = null;
  private stale = false;

  constructor(tools: ExchangeTools, client: Client, head: RequestHead, rules: Rules) {
    super(head, client.connection, rules.front, rules.trusted);
    this.tools = tools;
    this.client = client;
    this.rules = rules;
  }

  get asking(): this {
    return this;
  }

  get front(): Rules['front'] {
    return this.rules.front;
  }

  get upgrade(): boolean {
    return this.head.upgrade;
  }

  get ownHost(): UpstreamAddress | null {
    return this.ownHostWanted ? (this.taken?.address ?? null) : null;
  }

  cookieFor(cookie: string): string | undefined {
    return this.source === null ? cookie : this.source.cookieFor(cookie);
  }

  /** The balancer's own answer, which is the last. */
  protected abstract answer(page: OwnAnswer, termination: Termination): void;

  // What the pool tells.

  onUpstream(upstream: PoolMember): void {
    this.taken = upstream;
    this.upstream = upstream;
    this.tries += 1;
    if (this.takenAt === 0) this.takenAt = this.waited ? performance.now() : this.head.arrivedAt;
    const { proxyProtocol, connectTimeoutMs } = this.settings;
    // A second try never goes over a connection that may be as stale as the first one's.
    const idle =
      proxyProtocol !== null || this.tries > 1 ? undefined : this.tools.connections.takeIdle(upstream);
    if (idle === undefined) {
      this.waited = true;
      this.reused = false;
      this.stale = false;
      this.phase = 'connecting';
      this.deadline = this.inMs(connectTimeoutMs);
      const preamble = proxyProtocol === null ? null : this.tools.proxyHeader(proxyProtocol, this.connection);
      this.link = this.tools.connections.open(upstream, this, preamble);
      return;
    }
    this.reused = true;
    upstream.reused += 1;
    this.stale = tickNow - idle.idleSince >= STALE_MS;
    this.connectedAt = this.takenAt;
    this.send(idle);
  }

  onRefused(refused: Refused): void {
    const { status, why, retryAfterS } = refused;
    const detail = why === 'no-group' ? '' : 'nobody can answer now';
    this.answer(errorPage(status, detail, retryAfterS, this.head.method), refusedAs(refused));
  }

  // What the upstream's connection tells.

  onConnected(): void {
    const { link } = this;
    if (link === null || this.phase !== 'connecting') return;
    this.connectedAt = performance.now();
    this.send(link);
  }

  onUpstreamDrain(): void {
    if (this.body === null || this.body.complete) return;
    if (this.phase === 'waiting') this.deadline = Infinity;
    this.client.resumeBody();
  }

  onInform(head: UpstreamHead): void {
    this.client.inform(head.status, head.lines);
  }

  onHead(head: UpstreamHead, body: Uint8Array | string | null, complete: boolean): boolean {
    const { taken, source, client } = this;
    this.heardAt = performance.now();
    this.status = head.status;
    this.bytesOut = body === null || !head.hasBody ? 0 : body.length;
    if (taken === null || source === null) return false;
    source.observe(taken, isFailure(head.status) ? 'error-status' : 'ok', this.heardAt - this.sentAt);
    const more = source.responseLines(this, taken, head.lines);
    const response = more === '' ? head : { ...head, lines: head.lines + more };
    if (!complete) {
      this.phase = 'answering';
      const open = client.respond(response, body, false);
      this.deadline = open ? this.inMs(this.settings.idleTimeoutMs) : Infinity;
      return open;
    }
    this.link = null;
    this.release();
    this.phase = 'handing-over';
    this.deadline = Infinity;
    if (this.body !== null && !this.body.complete) client.discardBody();
    if (client.respond(response, body, true)) this.finish(NORMAL, this.heardAt);
    return true;
  }

  onData(chunk: Uint8Array): boolean {
    this.bytesOut += chunk.length;
    const open = this.client.write(chunk);
    this.deadline = open ? this.inMs(this.settings.idleTimeoutMs) : Infinity;
    return open;
  }

  onEnd(trailers: RawHeaders | null): void {
    this.link = null;
    this.release();
    this.phase = 'handing-over';
    this.deadline = Infinity;
    if (this.body !== null && !this.body.complete) this.client.discardBody();
    this.client.end(trailers === null || this.asked?.trailers !== true ? null : safeTrailers(trailers));
  }

  onFailed(kind: 'connect' | 'closed' | 'bad', why: string): void {
    this.fail(kind, false, why);
  }

  onSwitched(head: UpstreamHead, upstreamEnd: TunnelEnd): void {
    const { taken, source, client, rules } = this;
    this.link = null;
    if (taken === null || source === null || head.upgrade.toLowerCase() !== 'websocket') {
      upstreamEnd.socket.destroy();
      this.fail('bad', false, 'it switches to another protocol than was asked for');
      return;
    }
    this.heardAt = performance.now();
    this.status = 101;
    source.observe(taken, 'ok', this.heardAt - this.sentAt);
    const more = source.responseLines(this, taken, head.lines);
    this.phase = 'tunnel';
    leaveTicker(this);
    const clientEnd = client.switchProtocols({ ...head, lines: head.lines + more });
    if (clientEnd === null) {
      upstreamEnd.socket.destroy();
      this.release();
      this.finish({ who: 'C', phase: 'H' });
      return;
    }
    rules.joinTunnel(clientEnd, upstreamEnd, {
      idleMs: this.settings.tunnelTimeoutMs,
      onEnd: (ended, bytesIn, bytesOut) => {
        this.tunnelIn = bytesIn;
        this.bytesOut = bytesOut;
        this.release();
        this.finish(tunnelTermination(ended));
      },
    });
  }

  onTick(now: number): void {
    if (now < this.deadline) return;
    this.dropLink();
    this.fail(this.phase === 'connecting' ? 'connect' : 'timeout', true, 'it took too long');
  }

  protected get settings(): Pool['settings'] {
    if (this.source === null) throw new Error('settings of no pool');
    return this.source.settings;
  }

  protected inMs(ms: number): number {
    return tickNow + ms + TICK_MS;
  }

  protected take(pool: Pool): void {
    this.phase = 'queued';
    this.deadline = Infinity;
    const found = pool.take(this);
    if (found === undefined) this.waited = true;
    else if ('why' in found) this.onRefused(found);
    else this.onUpstream(found);
  }

  private send(link: UpstreamConnection): void {
    const { body, head } = this;
    this.link = link;
    this.phase = 'waiting';
    this.sentAt = this.waited ? performance.now() : head.arrivedAt;
    this.asked ??= askedOf(head, this.plain);
    const text = requestText(this);
    if (body === null) {
      this.deadline = this.inMs(this.settings.responseTimeoutMs);
      link.send(this, text, this.asked);
      link.requestDone = true;
      return;
    }
    // What of the body comes in the same read goes out with the head.
    link.cork();
    process.nextTick(uncork, link);
    link.send(this, text, this.asked);
    const open = body.begin(link);
    this.deadline = body.complete
      ? this.inMs(this.settings.responseTimeoutMs)
      : open
        ? Infinity
        : this.inMs(this.settings.idleTimeoutMs);
    if (open && !body.complete) this.client.resumeBody();
  }

  /** This try came to nothing. */
  private fail(failure: FailedTry['failure'] | 'bad', timedOut: boolean, why: string): void {
    const { taken, source, phase, head } = this;
    if (taken === null || source === null || phase === 'done') return;
    this.problem = why;
    const sent = phase !== 'connecting';
    const responseStarted = phase === 'answering' || failure === 'bad' || this.link?.heard === true;
    this.link = null;
    this.body?.stop();
    const result = failure === 'bad' ? 'closed' : failure;
    if (!(this.stale && result === 'closed' && !responseStarted))
      source.observe(taken, result, performance.now() - (sent ? this.sentAt : this.takenAt));
    this.release();
    const termination = failedAs(failure, timedOut, this.phaseLetter());
    if (phase === 'answering') {
      this.client.break();
      this.finish(termination);
      return;
    }
    const { retry } = source.settings;
    const verdict = retryVerdict(
      {
        method: head.method,
        failure: result,
        sent,
        responseStarted,
        body: this.body === null ? 'none' : this.body.gone ? 'gone' : 'kept',
        upgrade: head.upgrade,
        clientGone: false,
        // One that failed because its connection was old was hardly a try.
        tries: this.stale && this.tries === 1 ? 0 : this.tries,
      },
      retry,
    );
    // Who took no connection has no more to do by it, so this is none of the budget's.
    if (verdict === 'retry' && (!sent || source.spendRetry())) {
      this.tried = [...this.tried, taken];
      this.take(source);
      return;
    }
    const status = timedOut ? 504 : 502;
    this.answer(errorPage(status, 'no answer from behind', null, head.method), termination);
  }

  /** The client has taken what there was. */
  protected readOn(): void {
    this.deadline = this.inMs(this.settings.idleTimeoutMs);
    this.link?.resume();
  }

  protected dropLink(): void {
    const { link } = this;
    this.link = null;
    this.body?.stop();
    link?.destroy();
  }

  protected release(): void {
    const { taken } = this;
    if (taken === null) return;
    this.taken = null;
    this.source?.release(taken);
  }

  /** `endedAt`: where that is known already, for a clock that is read for every request costs. */
  protected finish(termination: Termination, endedAt: number = performance.now()): void {
    if (this.phase === 'done') return;
    this.phase = 'done';
    leaveTicker(this);
    if (this.termination.who === '-') this.termination = termination;
    this.endedAt = endedAt;
    this.rules.observer.ended(this);
  }

  protected phaseLetter(): Termination['phase'] {
    switch (this.phase) {
      case 'routing':
        return 'R';
      case 'queued':
        return 'Q';
      case 'connecting':
        return 'C';
      case 'waiting':
        return this.body === null || this.body.complete ? 'H' : 'R';
      case 'answering':
      case 'handing-over':
        return 'D';
      case 'tunnel':
        return 'T';
      case 'done':
        return '-';
    }
  }
}

const isFailure = (status: number): boolean => status === 502 || status === 503 || status === 504;

const askedOf = (head: RequestHead, plain: boolean): Asked => ({
  isHead: head.method === 'HEAD',
  upgrade: head.upgrade,
  trailers: !plain && takesTrailers(head.raw),
});

const uncork = (link: UpstreamConnection): void => link.uncork();
