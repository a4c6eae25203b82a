/**
 * What stays of a pool while snapshots come and go: its upstreams with their counters, who waits, and
 * what is learnt. `take` on its fast path makes nothing: the cheapest thing a request meets is this.
 */
import type { PoolSettings, PoolSnapshot, UpstreamReport } from '../../protocol/balance.ts';
import type { Asking, PoolMember, Refused, Waiter } from '../contract.ts';
import { eligible } from '../eligible.ts';
import { policies } from '../policies/by-name.ts';
import type { Policy } from '../policies/policy.ts';
import type { RetryBudget } from '../retry-budget.ts';
import { retryBudget } from '../retry-budget.ts';
import { BlockedWatch } from './blocked/watch.ts';
import { HealthWatch } from './health/watch.ts';
import { lastResort } from './last-resort.ts';
import type { Upstream } from './member.ts';
import { takeOver } from './take-over.ts';
import type { PoolTools } from './tools.ts';
import type { TryResult } from './try-result.ts';
import type { Waiting } from './wait-queue.ts';
import { WaitQueue } from './wait-queue.ts';
import { refusal, whyRefused } from './refusal.ts';

const NOBODY: readonly PoolMember[] = [];

export class PoolCore {
  readonly name: string;
  #settings: PoolSettings;
  #members: readonly Upstream[] = [];
  #expected = false;
  #policy: Policy;
  #budget: RetryBudget;
  readonly #tools: PoolTools;
  readonly #queue = new WaitQueue();
  readonly #health: HealthWatch;
  readonly #blocked: BlockedWatch;
  readonly #candidates: Upstream[] = [];
  #cancelTimer: () => void = () => {};
  #serving = false;
  #serveAgain = false;

  constructor({ name, settings }: PoolSnapshot, tools: PoolTools) {
    this.name = name;
    this.#settings = settings;
    this.#tools = tools;
    this.#policy = policies[settings.policy.name](tools);
    this.#budget = budgetOf(settings);
    const changed = (): void => this.#changed();
    this.#health = new HealthWatch({ ...tools, pool: name, changed });
    this.#blocked = new BlockedWatch({ ...tools, changed });
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Goes by this snapshot from now on. */
  update({ settings, members, expected }: PoolSnapshot, first: boolean): void {
    const before = this.#settings;
    if (before.policy.name !== settings.policy.name)
      this.#policy = policies[settings.policy.name](this.#tools);
    if (JSON.stringify(before.retry) !== JSON.stringify(settings.retry)) this.#budget = budgetOf(settings);
    const { now, gone } = takeOver(this.#members, members, settings);
    this.#settings = settings;
    this.#members = now;
    this.#expected = expected;
    this.#blocked.watch(now);
    this.#health.watch(now, settings, first);
    this.#changed();
    for (const one of gone) this.#tools.gone(one);
  }

  take(waiter: Waiter): PoolMember | Refused | undefined {
    const { asking, tried } = waiter;
    if (tried.length === 0) this.#budget.requested(asking.head.arrivedAt);
    const found = this.#choose(waiter, this.#members);
    if (found !== undefined) return this.#begin(found);
    return this.#wait(waiter);
  }

  cancel(waiter: Waiter): void {
    if (this.#queue.remove(waiter) && this.#queue.size === 0) this.#cancelTimer();
  }

  release(upstream: PoolMember): void {
    const one = upstream as Upstream;
    one.inFlight -= 1;
    if (one.breaker.state.kind === 'half-open') this.#health.released(one);
    if (this.#queue.size > 0) this.#serve();
  }

  observe(upstream: PoolMember, result: TryResult, ms: number): void {
    const one = upstream as Upstream;
    const answered = result === 'ok' || result === 'error-status';
    if (answered) one.heard += 1;
    if (result !== 'ok') one.failures += 1;
    this.#policy.observe?.(one, result === 'ok', ms);
    this.#health.observe(one, result);
  }

  spendRetry(): boolean {
    return this.#budget.take(this.#tools.now());
  }

  responseLines(_asking: Asking, _upstream: PoolMember, _lines: string): string {
    return '';
  }

  cookieFor(cookie: string): string | undefined {
    return cookie;
  }

  report(): UpstreamReport[] {
    return this.#members.map((one) => one.report());
  }

  close(): void {
    const members = this.#members;
    this.#members = [];
    this.#expected = false;
    this.#blocked.watch([]);
    this.#health.watch([], this.#settings, false);
    this.#changed();
    for (const one of members) this.#tools.gone(one);
  }

  #choose({ asking, tried }: Waiter, members: readonly Upstream[]): Upstream | undefined {
    const into = this.#candidates;
    switch (eligible(members, tried, into)) {
      case 'some':
        break;
      case 'full':
        return undefined;
      case 'tried':
        // Nobody else is up: the same one again is better than nobody.
        if (eligible(members, NOBODY, into) !== 'some') return undefined;
        break;
      case 'unavailable':
        if (!lastResort(members, tried, into)) return undefined;
    }
    if (into.length === 1) return into[0];
    const { policy } = this.#settings;
    return this.#policy.pick(into, policy.name === 'hash' ? asking.keyOf(policy.by) : '');
  }

  #begin(one: Upstream): Upstream {
    one.inFlight += 1;
    one.requests += 1;
    if (one.breaker.state.kind === 'half-open') this.#health.began(one);
    this.#blocked.began();
    return one;
  }

  #wait(waiter: Waiter): Refused | undefined {
    const { queue } = this.#settings;
    const why = whyRefused(this.#members, this.#expected, this.#queue.size, queue.size);
    if (why !== undefined) return refusal(why, queue.timeoutMs);
    const now = this.#tools.now();
    const until = now + queue.timeoutMs;
    this.#queue.add({ waiter, ownUntil: now + queue.timeoutMs / 2, until, group: null });
    if (this.#queue.size === 1) this.#arm(now);
    return undefined;
  }

  /** Something about an upstream changed. */
  #changed(): void {
    for (const one of this.#members) one.availability = one.due;
    this.#health.weigh();
    this.#serve();
  }

  /** Gives those who wait what there is for them. */
  #serve(): void {
    this.#serveAgain = true;
    // Whoever is called here may end a request, which comes here again.
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (this.#serveAgain) {
        this.#serveAgain = false;
        this.#serveOnce();
      }
    } finally {
      this.#serving = false;
    }
    if (this.#queue.size === 0) this.#cancelTimer();
  }

  #serveOnce(): void {
    const { queue } = this.#settings;
    const why = whyRefused(this.#members, this.#expected, 0, Infinity);
    for (const waiting of this.#queue.values()) {
      const { waiter } = waiting;
      if (why !== undefined) {
        this.#refuse(waiting, refusal(why, queue.timeoutMs));
        continue;
      }
      const found = this.#choose(waiter, this.#members);
      if (found === undefined) return;
      this.#queue.remove(waiter);
      waiter.onUpstream(this.#begin(found));
    }
  }

  #refuse({ waiter }: Waiting, refused: Refused): void {
    if (this.#queue.remove(waiter)) waiter.onRefused(refused);
  }

  /** One timer, however many wait. */
  #arm(now: number): void {
    this.#cancelTimer();
    const due = this.#queue.nextDue(now);
    if (due === Infinity) return;
    this.#cancelTimer = this.#tools.after(Math.max(1, Math.ceil(due - now)), () => this.#timeUp());
  }

  #timeUp(): void {
    const now = this.#tools.now();
    this.#serve();
    const refused = refusal('queue-timeout', this.#settings.queue.timeoutMs);
    for (const waiting of this.#queue.values()) if (waiting.until <= now) this.#refuse(waiting, refused);
    this.#arm(now);
  }
}

const budgetOf = ({ retry }: PoolSettings): RetryBudget =>
  retryBudget({ share: retry.budget, atLeast: retry.budgetAtLeast });
