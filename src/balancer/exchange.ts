/** One request from its head to the last byte of its answer; upstream-side.ts has the other half. */
import type { Decision, FromClient, Front, Termination } from './contract.ts';
import type { OwnAnswer } from './error-page.ts';
import { errorPage, ownAnswer } from './error-page.ts';
import type { RawHeaders } from './headers/raw-headers.ts';
import { isLoop } from './headers/via.ts';
import { hostName } from './host.ts';
import { requestIdOf } from './observe/request-id.ts';
import { RequestBody } from './request-body.ts';
import { scanOf } from './request-scan.ts';
import { goneAs, LATE, NORMAL, REFUSED } from './terminations.ts';
import { joinTicker } from './ticker.ts';
import type { ExchangeTools } from './upstream-side.ts';
import { UpstreamSide } from './upstream-side.ts';

export class Exchange extends UpstreamSide implements FromClient {
  /** Decides about the request and begins. */
  start(): void {
    const { head, rules, connection } = this;
    const { front } = rules;
    const scan = scanOf(head.raw, front.requestId ?? '');
    this.plain = scan.plainFields;
    this.hostField = scan.host;
    this.host = hostName(scan.host);
    if (front.requestId !== null)
      this.requestId = requestIdOf(head.raw, front.requestId, connection.trusted && !scan.plainFields);
    if (head.hasBody) this.body = new RequestBody(head.bodyLength === -1);
    const most = front.limits.bodyBytes;
    if (most !== null && head.bodyLength > most) return this.refuse(413, 'the body is too large');
    if (!this.plain && isLoop(head.raw, front.pseudonym)) return this.refuse(508, 'this request came before');
    const decision = rules.routes.decide(head, this.host, connection.secure, connection.listener);
    if (decision.kind === 'none') return this.refuse(404, 'no route leads anywhere from here');
    this.route = decision.route;
    if (front.limits.rate === null && decision.route.rateLimit === null) return this.follow(decision);
    const admitted = rules.rates.admit(decision.route, (source) => this.keyOf(source));
    if (typeof admitted !== 'object' || admitted === null) return this.admitted(decision, admitted);
    this.waited = true;
    void admitted.then((later) => {
      if (this.phase === 'routing') this.admitted(decision, later);
    });
  }

  /** Answers with an error page. Also for requests that framing.ts refuses. */
  refuse(status: number, detail: string, retryAfterS: number | null = null): void {
    this.answer(errorPage(status, detail, retryAfterS, this.head.method), status === 408 ? LATE : REFUSED);
  }

  // What the client's side tells.

  onBody(chunk: Uint8Array): boolean {
    const { body } = this;
    if (body === null || this.phase === 'done' || this.phase === 'handing-over') return true;
    const open = body.take(chunk);
    const most = this.rules.front.limits.bodyBytes;
    if (most !== null && body.bytes > most) {
      this.tooLarge();
      return true;
    }
    if (this.phase === 'waiting') this.deadline = open ? Infinity : this.inMs(this.settings.idleTimeoutMs);
    return open;
  }

  onBodyEnd(trailers: RawHeaders | null): void {
    this.body?.end(trailers);
    if (this.phase === 'waiting') this.deadline = this.inMs(this.settings.responseTimeoutMs);
  }

  onDrain(): void {
    if (this.phase === 'answering') this.readOn();
  }

  onSent(): void {
    if (this.phase === 'handing-over') this.finish(NORMAL);
  }

  onGone(why: Parameters<FromClient['onGone']>[0]): void {
    const { phase } = this;
    if (phase === 'done' || phase === 'tunnel') return;
    if (phase === 'queued') this.source?.cancel(this);
    this.dropLink();
    this.release();
    if (this.status === 0) this.status = why === 'body-timeout' ? 408 : 499;
    this.finish(goneAs(why, this.phaseLetter()));
  }

  private admitted(decision: Exclude<Decision, { kind: 'none' }>, retryAfterS: number | null): void {
    if (retryAfterS === null) this.follow(decision);
    else this.refuse(429, 'try again later', retryAfterS);
  }

  private follow(decision: Exclude<Decision, { kind: 'none' }>): void {
    if (decision.kind === 'respond') {
      const { status, lines, body } = decision;
      this.answer(ownAnswer(status, lines, body, this.head.method), NORMAL);
      return;
    }
    this.source = decision.pool;
    this.target = decision.target;
    this.ownHostWanted = decision.pool.settings.host === 'upstream';
    this.askedAt = this.waited ? performance.now() : this.head.arrivedAt;
    joinTicker(this);
    this.take(decision.pool);
  }

  /** The balancer's own answer, which is the last. */
  protected override answer({ head, body }: OwnAnswer, termination: Termination): void {
    const { client } = this;
    this.dropLink();
    this.release();
    this.status = head.status;
    this.termination = termination;
    this.bytesOut = head.hasBody ? body.length : 0;
    if (this.body !== null && !this.body.complete) client.discardBody();
    this.phase = 'handing-over';
    this.deadline = Infinity;
    if (client.respond(head, head.hasBody ? body : null, true)) this.finish(termination);
  }

  private tooLarge(): void {
    if (this.phase === 'answering') {
      this.dropLink();
      this.release();
      this.client.break();
      this.finish(REFUSED);
    } else {
      if (this.phase === 'queued') this.source?.cancel(this);
      this.refuse(413, 'the body is too large');
    }
  }
}

/** What makes exchanges for `Front`: `begin` for requests that passed framing.ts, `refuse` for others. */
export const createExchanges = (tools: ExchangeTools): Pick<Front, 'begin' | 'refuse'> => ({
  begin: (client, head, rules) => {
    const exchange = new Exchange(tools, client, head, rules);
    exchange.start();
    return exchange;
  },
  refuse: (client, head, rules, status, detail) => {
    const exchange = new Exchange(tools, client, head, rules);
    exchange.refuse(status, detail);
    // Nobody tells it: the client has no exchange.
    exchange.onSent();
  },
});
