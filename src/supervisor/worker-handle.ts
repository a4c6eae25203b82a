/**
 * The supervisor's view of one worker: what it is, in which state, what it last said, and how to
 * talk to it. The inside of a worker is src/worker/.
 */
import type { Socket } from 'node:net';
import { encodeLine } from '../core/json-lines.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { WorkerTag } from '../protocol/holder.ts';
import type { HealthReport } from '../protocol/app-link.ts';
import type {
  FromWorker,
  HooksState,
  Listening,
  Serving,
  ToWorker,
  WorkerStats,
} from '../protocol/worker.ts';
import { NO_STATS } from './accounting.ts';
import type { WorkerFact } from './decide.ts';
import type { NewEvent } from './events.ts';
import type { OutputTail } from './logs/output-tail.ts';
import type { Readiness } from './readiness.ts';
import { readHealth } from './worker-health.ts';
import type { WorkerState } from './worker-state.ts';

const LAST_OUTPUT_MS = 250;

/** From when on a blocked event loop is worth a line. */
const BLOCKED_TOLD_MS = 1000;

export class WorkerHandle {
  readonly tag: WorkerTag;
  /** Of the generation it was started from, as it is now. */
  spec: AppSpec;
  pid: number | null = null;
  startedAt: number;
  state: WorkerState;
  replace: WorkerFact['replace'] = null;
  /** An earlier supervisor started it. */
  adopted = false;
  /** Its process has ended; its output may still be on the way. */
  gone = false;
  stats: WorkerStats = NO_STATS;
  requestsPerSecond: number | null = null;
  listening: readonly Listening[] = [];
  serving: readonly Serving[] = [];
  /** When the event loop was last known to turn; null: it does not say (no beats wanted). */
  lastBeat: number | null = null;
  beating = false;
  blocked = false;
  /** It is to drain, and has not been told: balancers may still send to it. */
  leaving = false;
  /** It has been said that it is blocked. */
  blockedTold = false;
  /** The app said `process.send('ready')` or the probe passed. */
  declaredReady = false;
  /** What its readiness probe came to last. */
  probed: string | null = null;
  /** What the app's health checks came to; null: it has none. */
  health: HealthReport | null = null;
  /** The app's shutdown hooks. */
  hooks: HooksState = 'none';
  /** It asked for an address that it did not get. */
  bindFailure: { readonly address: string; readonly heldBy: string | null } | null = null;
  readonly tail: OutputTail;
  readiness: Readiness | null = null;
  /** Its event loop has not turned for this long: what changes by that, if anything. */
  silentFor(forMs: number): { readonly tell: Pick<NewEvent, 'kind' | 'text'> | null } | null {
    const { hangTimeoutMs } = this.spec;
    const who = `worker ${this.tag.slot}`;
    if (hangTimeoutMs !== null && forMs >= hangTimeoutMs && this.replace === null) {
      this.replace = 'hung';
      return {
        tell: { kind: 'worker-hung', text: `${who} has been blocked for ${forMs} ms and is replaced` },
      };
    }
    if (!this.blocked) {
      this.blocked = true;
      return { tell: null };
    }
    if (forMs < BLOCKED_TOLD_MS || this.blockedTold) return null;
    this.blockedTold = true;
    return {
      tell: { kind: 'worker-blocked', text: `${who} is blocked; its siblings serve its connections` },
    };
  }

  /** Settles when its output has been read to the end. */
  readonly outputs: Promise<void>[] = [];
  #socket: Socket | null = null;
  /** The worker's own drain limit; null: an earlier supervisor may have changed it. */
  #toldDrainMs: number | null;
  /** How many workers it believes there are to be; null: it does not follow that. */
  #toldCount: number | null = null;
  #rateFrom = { at: 0, answered: 0 };

  constructor(tag: WorkerTag, spec: AppSpec, now: number, tail: OutputTail) {
    this.tag = tag;
    this.spec = spec;
    this.#toldDrainMs = spec.drainTimeoutMs;
    this.startedAt = now;
    this.state = { name: 'starting', since: now };
    this.tail = tail;
  }

  /** Its generation has other settings now. */
  follow(spec: AppSpec): void {
    this.spec = spec;
    this.#tellLimits();
  }

  /** It drains by itself too, when the holder is gone or the app closes its servers. */
  #tellLimits(): void {
    const { drainTimeoutMs } = this.spec;
    if (this.spec.kind === 'node' && this.#toldDrainMs !== drainTimeoutMs)
      if (this.send({ type: 'limits', drainTimeoutMs })) this.#toldDrainMs = drainTimeoutMs;
  }

  /** How many workers its app is to have now. */
  tellCount(count: number): void {
    if (this.#toldCount === null || this.#toldCount === count) return;
    if (this.send({ type: 'count', count })) this.#toldCount = count;
  }

  /** `wanted`: the number of workers its app is to have. A primary of node:cluster among several
   *  workers would fork a cluster of its own. */
  fact(wanted: number): WorkerFact {
    const { tag, state } = this;
    const replace =
      this.replace ?? (tag.alone && wanted > 1 && this.spec.kind === 'node' ? 'not-alone' : null);
    return { id: tag.id, slot: tag.slot, generation: tag.generation, state, replace };
  }

  /** Settles when its output has been read to the end, or soon: a descendant may hold it open. */
  async lastOutput(): Promise<void> {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, LAST_OUTPUT_MS).unref());
    await Promise.race([Promise.all(this.outputs), patience]);
  }

  get connected(): boolean {
    return this.#socket !== null;
  }

  /** Accepts connections: ready, alive and not known to be stuck. */
  get fit(): boolean {
    return this.state.name === 'ready' && !this.gone && !this.blocked && this.replace !== 'hung';
  }

  attach(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    this.beating = false;
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
  }

  /** What cannot be delivered is said again by the next decision. */
  send(message: ToWorker): boolean {
    return this.#socket?.write(encodeLine(message)) ?? false;
  }

  setBeats(on: boolean, now: number): void {
    if (on === this.beating || this.#socket === null) return;
    this.beating = on;
    this.lastBeat = on ? now : null;
    if (!on) this.blocked = false;
    this.send({ type: 'beat', on });
  }

  /** Takes over what a message says about the worker. */
  note(message: FromWorker, now: number): void {
    switch (message.type) {
      case 'hello':
        this.listening = message.listening;
        this.serving = message.serving;
        this.declaredReady ||= message.declaredReady === true;
        this.hooks = message.hooks ?? 'none';
        this.health = readHealth(message.health);
        this.#toldCount = message.count ?? null;
        this.#report(message.stats, now);
        if (this.adopted) this.#toldDrainMs = null;
        this.#tellLimits();
        return;
      case 'listening':
        this.listening = [...this.listening, message.listening];
        return;
      case 'closed':
        this.listening = this.listening.filter(({ key }) => key !== message.key);
        return;
      case 'serving':
        this.serving = message.serving;
        return;
      case 'ready':
        this.declaredReady = true;
        return;
      case 'beat':
        this.lastBeat = now;
        this.blocked = false;
        this.blockedTold = false;
        return;
      case 'stats':
      case 'drained':
        this.#report(message.stats, now);
        return;
      case 'hooks':
        this.hooks = message.hooks;
        return;
      case 'health':
        this.health = readHealth(message.health);
        return;
      case 'probed':
        this.probed =
          message.status === null ? `failed: ${message.reason ?? 'no answer'}` : `answered ${message.status}`;
        return;
      case 'hang':
      case 'threads':
      case 'balancer':
      case 'message':
        return;
    }
  }

  #report(stats: WorkerStats, now: number): void {
    this.stats = stats;
    const seconds = (now - this.#rateFrom.at) / 1000;
    // Reports that follow each other closely (a hello and what came before it) say no rate.
    if (seconds < 0.5) return;
    const first = this.#rateFrom.at === 0;
    this.requestsPerSecond = first ? null : Math.max(0, (stats.answered - this.#rateFrom.answered) / seconds);
    this.#rateFrom = { at: now, answered: stats.answered };
  }

  /** A worker reports only when something changed; silence for a while means no requests. */
  rateAt(now: number): number | null {
    if (this.#rateFrom.at === 0) return null;
    return now - this.#rateFrom.at > 3000 ? 0 : (this.requestsPerSecond ?? 0);
  }
}
