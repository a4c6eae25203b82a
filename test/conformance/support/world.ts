/** What happens in one case, as both ends see it: the client's connection, and those to the upstream. */
import { EventEmitter } from 'node:events';
import type { Reply, Step } from './case.ts';
import type { RequestSeen } from './message.ts';
import { NotHttp, requestAt } from './message.ts';
import type { Peer } from './peer.ts';

/** Asked for by the canary, which sees whether a connection still works. */
export const CANARY = '/canary';

const DEFAULT: Reply = ['whole', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'];
const FOR_CANARY = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ncanary';

/** A connection to the upstream. */
interface Link {
  readonly peer: Peer;
  /** Where the next request begins. */
  from: number;
  /** That the request before is answered. */
  free: boolean;
  /** Its bytes are a tunnel's from there on. */
  tunnel: number;
}

export interface Arrived {
  request: RequestSeen;
  readonly link: number;
  readonly from: number;
}

export class World {
  client: Peer | undefined;
  readonly links: Link[] = [];
  readonly arrived: Arrived[] = [];
  /** What came to the upstream and is no HTTP. */
  readonly nonsense: string[] = [];
  readonly #replies: readonly Reply[];
  readonly #patienceMs: number;
  readonly #events = new EventEmitter();
  #over = false;

  constructor(replies: readonly Reply[], patienceMs: number) {
    this.#replies = replies;
    this.#patienceMs = patienceMs;
    this.#events.setMaxListeners(0);
  }

  readonly news = (): void => {
    this.#events.emit('news');
  };

  connected(peer: Peer): void {
    this.links.push({ peer, from: 0, free: true, tunnel: -1 });
  }

  /** Nobody waits any longer. */
  finish(): void {
    this.#over = true;
    this.news();
  }

  /** True when it is so within the patience. */
  async until(condition: () => boolean, patienceMs: number = this.#patienceMs): Promise<boolean> {
    if (condition()) return true;
    if (this.#over) return false;
    return new Promise((resolve) => {
      const done = (result: boolean): void => {
        clearTimeout(limit);
        this.#events.off('news', look);
        resolve(result);
      };
      const look = (): void => {
        if (condition()) done(true);
        else if (this.#over) done(false);
      };
      const limit = setTimeout(() => done(false), patienceMs);
      this.#events.on('news', look);
    });
  }

  /** False when what a step waits for does not come. */
  async make(peer: Peer, step: Step): Promise<boolean> {
    if (step === 'fin') peer.fin();
    else if (step === 'reset') peer.reset();
    else if (step === 'client-ended') return this.until(() => this.client?.end !== 'open');
    else if (step === 'upstream-ended')
      return this.until(() => this.links.length > 0 && this.links.every((one) => one.peer.end !== 'open'));
    else if (typeof step === 'string') peer.send(step);
    else if ('upstreamHas' in step)
      return this.until(() => this.links.some((one) => one.peer.received.includes(step.upstreamHas)));
    else if ('settleMs' in step) await this.until(() => this.client?.end !== 'open', step.settleMs);
    else return this.until(() => this.client?.received.includes(step.clientHas) === true);
    return true;
  }

  /** Looks at what the upstream has now, and begins to answer what it has not answered. */
  look(): void {
    for (const [at, link] of this.links.entries()) this.#read(at, link);
    for (const one of this.arrived) if (!one.request.whole) this.#again(one);
  }

  #read(at: number, link: Link): void {
    if (!link.free || link.tunnel !== -1 || link.from >= link.peer.received.length) return;
    let found;
    try {
      found = requestAt(link.peer.received, link.from);
    } catch (error) {
      this.#nonsense(link, error);
      return;
    }
    if (found === undefined) return;
    const { request } = found;
    link.free = false;
    if (request.target.endsWith(CANARY)) {
      link.from = found.end;
      link.free = true;
      link.peer.send(FOR_CANARY);
      this.#read(at, link);
      return;
    }
    const one: Arrived = { request, link: at, from: link.from };
    link.from = found.end;
    this.arrived.push(one);
    void this.#answer(link, one, this.#replies[this.arrived.length - 1] ?? DEFAULT);
  }

  async #answer(link: Link, one: Arrived, reply: Reply): Promise<void> {
    for (const step of reply) {
      if (step === 'whole') {
        if (!(await this.until(() => one.request.whole))) return;
      } else {
        if (typeof step === 'string' && step.startsWith('HTTP/1.1 101')) link.tunnel = link.from;
        if (!(await this.make(link.peer, step))) return;
      }
    }
    if (!one.request.whole && !(await this.until(() => one.request.whole))) return;
    link.free = true;
    this.look();
    this.news();
  }

  #again(one: Arrived): void {
    const link = this.links[one.link]!;
    try {
      const found = requestAt(link.peer.received, one.from);
      if (found === undefined) return;
      one.request = found.request;
      link.from = found.end;
      if (link.tunnel !== -1) link.tunnel = found.end;
    } catch (error) {
      this.#nonsense(link, error);
      link.tunnel = link.from;
    }
  }

  #nonsense(link: Link, error: unknown): void {
    if (!(error instanceof NotHttp)) throw error;
    link.free = false;
    link.from = Infinity;
    this.nonsense.push(error.message);
  }
}
