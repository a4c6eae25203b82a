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
import { refusal, whyRefused } from './refusal.ts';
import type { Found } from './split/split.ts';
import { Split } from './split/split.ts';
import { ownFirst } from './sticky/own-first.ts';
import type { Sticky } from './sticky/contract.ts';
import { createSticky } from './sticky/sticky.ts';
import { takeOver } from './take-over.ts';
import type { PoolTools } from './tools.ts';
import type { TryResult } from './try-result.ts';
import type { Waiting } from './wait-queue.ts';
import { dueAt, WaitQueue } from './wait-queue.ts';

const NOBODY: readonly PoolMember[] = [];
/**
 * A worker that broke off may be dying: it still takes connections, and breaks these off too. In this
 * time it is known, and the next worker often there.
 */
const AGAIN_MS = 100;

export class PoolCore {
  readonly name: string;
  #settings: PoolSettings;
  #members: readonly Upstream[] = [];
  #expected = false;
  #policy: Policy;
  #budget: RetryBudget;
  readonly #tools: PoolTools;
  #stickyKey: Uint8Array;
  readonly #queue = new WaitQueue();
  readonly #health: HealthWatch;
  readonly #blocked: BlockedWatch;
  readonly #candidates: Upstream[] = [];
  #sticky: Sticky | undefined;
  #split: Split | undefined;
  /** Counts changes of upstreams: what was found out before one may be wrong. */
  #epoch = 0;
  #takeTimerBack: () => void = () => {};
  #armedFor = Infinity;
  #serving = false;
  #serveAgain = false;

  constructor({ name, settings }: PoolSnapshot, tools: PoolTools) {
    this.name = name;
    this.#settings = settings;
    this.#tools = tools;
    this.#stickyKey = tools.stickyKey;
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
  update({ settings, members, expected }: PoolSnapshot, tools: PoolTools, first: boolean): void {
    this.#configure(settings, tools, first);
    const { now, gone } = takeOver(this.#members, members, settings);
    this.#members = now;
    this.#expected = expected;
    this.#sticky?.members(now);
    this.#split?.members(now);
    this.#blocked.watch(now);
    this.#health.watch(now, settings, first);
    this.#changed();
    for (const one of gone) this.#tools.gone(one);
  }

  /** What depends on settings is made anew when these are others: it has learnt something. */
  #configure(settings: PoolSettings, tools: PoolTools, first: boolean): void {
    const before = this.#settings;
    const other = (part: 'retry' | 'sticky' | 'split'): boolean =>
      first || JSON.stringify(before[part]) !== JSON.stringify(settings[part]);
    const otherKey = Buffer.compare(tools.stickyKey, this.#stickyKey) !== 0;
    const { sticky, split, policy } = settings;
    if (before.policy.name !== policy.name) this.#policy = policies[policy.name](tools);
    if (other('retry')) this.#budget = budgetOf(settings);
    if (other('sticky') || otherKey) this.#sticky = sticky === null ? undefined : createSticky(sticky, tools);
    if (other('split')) this.#split = split === null ? undefined : new Split(this.name, split, tools);
    this.#stickyKey = tools.stickyKey;
    this.#settings = settings;
  }

  take(waiter: Waiter): PoolMember | Refused | undefined {
    const { asking, tried } = waiter;
    if (tried.length === 0) this.#budget.requested(asking.head.arrivedAt);
    return this.#split === undefined
      ? this.#takeFrom(waiter, null, this.#members)
      : this.#takeOfGroup(waiter, this.#split);
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
    if (result === 'connect') one.connectErrors += 1;
    this.#policy.observe?.(one, result === 'ok', ms);
    this.#health.observe(one, result);
  }

  spendRetry(): boolean {
    return this.#budget.take(this.#tools.now());
  }

  responseLines(asking: Asking, upstream: PoolMember, lines: string): string {
    return this.#sticky === undefined ? '' : this.#sticky.linesFor(asking, upstream, lines);
  }

  cookieFor(cookie: string): string | undefined {
    return this.#sticky === undefined ? cookie : this.#sticky.cookieFor(cookie);
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

  #takeFrom(
    waiter: Waiter,
    group: string | null,
    members: readonly Upstream[],
  ): Upstream | Refused | undefined {
    const found =
      this.#sticky === undefined
        ? this.#choose(waiter, members, false)
        : this.#chooseSticky(waiter, members, this.#sticky.ownerOf(waiter.asking, members), false, false);
    return found === undefined ? this.#wait(waiter, group, members) : this.#begin(found);
  }

  #takeOfGroup(waiter: Waiter, split: Split): Upstream | Refused | undefined {
    const found = split.groupOf(waiter.asking);
    if (found instanceof Promise) {
      const refused = this.#wait(waiter, undefined, this.#members);
      if (refused === undefined) void found.then((group) => this.#lookedUp(waiter, group));
      return refused;
    }
    if (found.kind === 'group') return this.#takeFrom(waiter, found.name, split.of(found.name));
    return refusal(found.kind, this.#settings.queue.timeoutMs);
  }

  #lookedUp(waiter: Waiter, found: Found): void {
    const waiting = this.#queue.get(waiter);
    if (waiting === undefined) return;
    if (found.kind === 'group') {
      waiting.group = found.name;
      this.#serve();
    } else {
      this.#refuse(waiting, refusal(found.kind, this.#settings.queue.timeoutMs));
    }
  }

  #membersOf(group: string | null): readonly Upstream[] {
    return group === null || this.#split === undefined ? this.#members : this.#split.of(group);
  }

  #chooseSticky(
    waiter: Waiter,
    members: readonly Upstream[],
    home: Upstream | undefined,
    overdue: boolean,
    again: boolean,
  ): Upstream | undefined {
    if (home !== undefined && !waiter.tried.includes(home)) {
      const verdict = ownFirst(home, members);
      if (verdict === 'own') return home;
      if (verdict === 'wait' && !overdue) return undefined;
    }
    return this.#choose(waiter, members, again);
  }

  #chooseWaiting(waiting: Waiting, members: readonly Upstream[], now: number): Upstream | undefined {
    const { waiter } = waiting;
    const again = waiting.againFrom <= now;
    if (this.#sticky === undefined) return this.#choose(waiter, members, again);
    if (waiting.epoch !== this.#epoch) {
      waiting.epoch = this.#epoch;
      waiting.home = this.#sticky.ownerOf(waiter.asking, members);
    }
    return this.#chooseSticky(waiter, members, waiting.home, waiting.ownUntil <= now, again);
  }

  /** `again`: it has waited before it goes to a worker that failed it. */
  #choose({ asking, tried }: Waiter, members: readonly Upstream[], again: boolean): Upstream | undefined {
    const into = this.#candidates;
    switch (eligible(members, tried, into)) {
      case 'some':
        break;
      case 'full':
        return undefined;
      case 'tried':
        // Nobody else is up: the same one again is better than nobody.
        if (eligible(members, NOBODY, into) !== 'some' || !this.#keepSound(into, again)) return undefined;
        break;
      case 'unavailable':
        if (!lastResort(members, tried, into)) return undefined;
    }
    if (into.length === 1) return into[0];
    const { policy } = this.#settings;
    return this.#policy.pick(into, policy.name === 'hash' ? asking.keyOf(policy.by) : '');
  }

  /** Of those that failed this request: not who was not there a moment ago, and workers after a pause only. */
  #keepSound(into: Upstream[], again: boolean): boolean {
    const sound = into.filter(
      ({ breaker, slot }) => breaker.state.kind === 'closed' && (again || slot === null),
    );
    into.splice(0, into.length, ...sound);
    return sound.length > 0;
  }

  #begin(one: Upstream): Upstream {
    one.inFlight += 1;
    one.requests += 1;
    if (one.breaker.state.kind === 'half-open') this.#health.began(one);
    this.#blocked.began();
    return one;
  }

  /** `group` undefined: it is being looked up. */
  #wait(waiter: Waiter, group: string | null | undefined, members: readonly Upstream[]): Refused | undefined {
    const { queue } = this.#settings;
    const why = whyRefused(members, this.#expected, this.#queue.size, queue.size);
    if (why !== undefined) return refusal(why, queue.timeoutMs);
    const now = this.#tools.now();
    const until = now + queue.timeoutMs;
    const ownUntil = this.#sticky === undefined ? until : now + queue.timeoutMs / 2;
    const againFrom = waiter.tried.length === 0 ? until : now + AGAIN_MS;
    const waiting: Waiting = { waiter, ownUntil, againFrom, until, group, epoch: -1, home: undefined };
    this.#queue.add(waiting);
    if (dueAt(waiting, now) < this.#armedFor) this.#arm(now);
    return undefined;
  }

  /** Something about an upstream changed. */
  #changed(): void {
    this.#epoch += 1;
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
    const now = this.#tools.now();
    // Whom one cannot have, others may: another session's home, another group.
    const inTurn = this.#sticky === undefined && this.#split === undefined;
    for (const waiting of this.#queue.values()) {
      const { waiter, group } = waiting;
      if (group === undefined) continue;
      const members = this.#membersOf(group);
      const why = whyRefused(members, this.#expected, 0, Infinity);
      if (why !== undefined) {
        this.#refuse(waiting, refusal(why, queue.timeoutMs));
        continue;
      }
      const found = this.#chooseWaiting(waiting, members, now);
      if (found === undefined) {
        if (inTurn && waiter.tried.length === 0) return;
        continue;
      }
      this.#queue.remove(waiter);
      waiter.onUpstream(this.#begin(found));
    }
  }

  #refuse({ waiter }: Waiting, refused: Refused): void {
    if (!this.#queue.remove(waiter)) return;
    if (this.#queue.size === 0) this.#cancelTimer();
    waiter.onRefused(refused);
  }

  /** One timer, however many wait. */
  #arm(now: number): void {
    this.#cancelTimer();
    const due = this.#queue.nextDue(now);
    if (due === Infinity) return;
    this.#armedFor = due;
    this.#takeTimerBack = this.#tools.after(Math.max(1, Math.ceil(due - now)), () => this.#timeUp());
  }

  #cancelTimer(): void {
    this.#takeTimerBack();
    this.#armedFor = Infinity;
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
