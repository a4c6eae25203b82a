/** The circuit breaker: carries out what `breaker-state.ts` decides. */
import { formatDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import { type Duration, durationOption } from '../core/options.ts';
import type { BreakerLink, BreakerNews } from './breaker-link.ts';
import type { BreakerStateName, BreakerStep, BreakerTiming, Versioned } from './breaker-state.ts';
import { admit, adopt, initial, stepped, toNews } from './breaker-state.ts';
import { createEmitter, type Subscribe } from './events.ts';
import { linkFor, type LinkOptions } from './link-for.ts';
import { mayProbe } from './may-probe.ts';
import type { Call, CallContext, Policy, RunOptions } from './policy.ts';
import { gaveUp, invoke, isRefusal, toContext } from './policy.ts';
import { type BreakerRule, consecutive } from './rules.ts';

export interface BreakerOptions extends LinkOptions {
  /** When it opens. Default: `consecutive(5)`. */
  readonly rule?: BreakerRule;
  /** How long it stays open before one call tests again. Default: `'10s'`. */
  readonly openFor?: Duration;
  /** Each test that fails doubles the time, up to this. Default: as `openFor`, so it does not grow. */
  readonly maxOpenFor?: Duration;
  /** A test that takes longer is taken for lost, and another call may test. Default: `'30s'`. */
  readonly probeLimit?: Duration;
  /** Which errors are failures of the dependency. Default: all. A refusal of another policy and a caller that gave up never are. */
  readonly failsOn?: (error: unknown) => boolean;
  /** Which results are failures too, such as a response of 503. Default: none. */
  readonly failsOnValue?: (value: unknown) => boolean;
  /** Milliseconds that only go up; for tests. */
  readonly clock?: () => number;
}

export interface BreakerChange {
  readonly name: string;
  readonly from: BreakerStateName;
  readonly to: BreakerStateName;
  /** Who decided: this process, or another worker over the link. */
  readonly by: 'this' | 'link';
  /** What failed last in this process, where failures are the reason. */
  readonly error?: unknown;
}

/** Counts since the breaker was made; only `state` goes back. */
export interface BreakerMetrics {
  readonly state: BreakerStateName;
  readonly successes: number;
  readonly failures: number;
  /** Calls that were refused. */
  readonly refused: number;
  /** Changes into each state. */
  readonly changes: Readonly<Record<BreakerStateName, number>>;
  /** Changes that another worker decided. */
  readonly fromLink: number;
  /** Times the other workers could not be reached; meanwhile it decides alone. */
  readonly linkFailures: number;
}

export interface Breaker extends Policy {
  readonly name: string;
  readonly state: BreakerStateName;
  /** Refuses all calls until `reset`, here and over the link. */
  readonly isolate: () => void;
  /** Closes it at once, from any state, here and over the link. */
  readonly reset: () => void;
  readonly onChange: Subscribe<BreakerChange>;
  readonly metrics: () => BreakerMetrics;
  /** Leaves the link. Calls still work. */
  readonly close: () => void;
}

type Outcome = 'succeeded' | 'failed' | 'unclear';

/** While another worker tests, not every call that comes should ask whether it is over. */
const ASK_AGAIN_MS = 100;

const timingOf = ({ openFor = '10s', maxOpenFor, probeLimit = '30s' }: BreakerOptions): BreakerTiming => {
  const openForMs = durationOption('breaker: openFor', openFor);
  return {
    openForMs,
    maxOpenForMs:
      maxOpenFor === undefined ? openForMs : durationOption('breaker: maxOpenFor', maxOpenFor, openForMs),
    probeLimitMs: durationOption('breaker: probeLimit', probeLimit),
  };
};

/**
 * Stops calls to something that fails, and lets one call at a time find out whether it is back.
 * `run` rejects with E_BREAKER_OPEN or E_BREAKER_ISOLATED when the call was not made, else as the
 * call does. `name` is what messages say and what breakers of several workers are linked by.
 * Throws E_BAD_VALUE; with `shared` also E_STATE_KEY for a name that cannot be a key, E_STATE_ENGINE and
 * E_STATE_CANNOT for an SKEIN_STATE that cannot be used for it.
 */
export const breaker = (name: string, options: BreakerOptions = {}): Breaker => {
  const { rule = consecutive(5), clock = () => performance.now() } = options;
  const { failsOn = () => true, failsOnValue = () => false } = options;
  const timing = timingOf(options);
  let link = linkFor(name, options);
  const changes = createEmitter<BreakerChange>();
  const counts = { successes: 0, failures: 0, refused: 0, fromLink: 0, linkFailures: 0 };
  const entered: Record<BreakerStateName, number> = { closed: 0, open: 0, 'half-open': 0, isolated: 0 };
  let now: Versioned = initial;
  let failureCount = rule.start();
  let lastError: unknown;
  let claiming = false;
  let askAgainAt = -Infinity;
  let lastProbe = 0;

  const linkFailed = (): void => void (counts.linkFailures += 1);
  const linked = (use: (link: BreakerLink) => void): void => {
    try {
      if (link !== undefined) use(link);
    } catch {
      linkFailed();
    }
  };

  const become = (next: Versioned, by: BreakerChange['by']): void => {
    const from = now.state.kind;
    now = next;
    const to = now.state.kind;
    if (from === to) return;
    entered[to] += 1;
    if (by === 'link') counts.fromLink += 1;
    if (to === 'closed') failureCount = rule.start();
    const error = to === 'open' && by === 'this' && lastError !== undefined ? { error: lastError } : {};
    changes.emit({ name, from, to, by, ...error });
  };

  const take = (step: BreakerStep): void => {
    const next = stepped(now, step, timing, clock(), Date.now() / 1_000);
    // Before the listeners run: one of them may take the next step.
    if (next.publish) linked((to) => to.publish(toNews(name, next, clock())));
    become({ version: next.version, state: next.state }, 'this');
  };

  const hear = (news: BreakerNews): void => become(adopt(now, news, clock()), 'link');
  let leave = (): void => {};
  linked((to) => (leave = to.subscribe(name, hear, linkFailed)));

  const refusal = (waitMs: number | undefined): SkeinError => {
    counts.refused += 1;
    const cause = lastError === undefined ? {} : { cause: lastError };
    return waitMs === undefined
      ? new SkeinError('E_BREAKER_ISOLATED', { name })
      : new SkeinError('E_BREAKER_OPEN', { name, wait: formatDuration(Math.max(1, waitMs)) }, cause);
  };

  const count = (outcome: Outcome): void => {
    if (outcome === 'succeeded') counts.successes += 1;
    if (outcome === 'failed') counts.failures += 1;
  };

  const judged = (error: unknown, context: CallContext): Outcome => {
    if (isRefusal(error) || gaveUp(context)) return 'unclear';
    if (!failsOn(error)) return 'succeeded';
    lastError = error;
    return 'failed';
  };

  /** Makes the call, and says how it went before the caller hears of it. */
  const made = async <T>(
    call: Call<T>,
    context: CallContext,
    settle: (outcome: Outcome) => void,
  ): Promise<T> => {
    let outcome: Outcome = 'unclear';
    try {
      const value = await invoke(call, context);
      outcome = failsOnValue(value) ? 'failed' : 'succeeded';
      return value;
    } catch (error) {
      outcome = judged(error, context);
      throw error;
    } finally {
      count(outcome);
      settle(outcome);
    }
  };

  const whenClosed = <T>(call: Call<T>, context: CallContext): Promise<T> => {
    // A call that outlives the closed period it began in says nothing about the next one.
    const period = failureCount;
    return made(call, context, (outcome) => {
      if (outcome === 'succeeded') period.success();
      if (outcome === 'failed' && period.failure() && period === failureCount) take({ kind: 'tripped' });
    });
  };

  const asProbe = async <T>(call: Call<T>, context: CallContext): Promise<T> => {
    const probe = (lastProbe += 1);
    take({ kind: 'probe-started', probe });
    return made(call, context, (outcome) => {
      take({ kind: `probe-${outcome}`, probe });
      linked((to) => to.endProbe(name));
    });
  };

  const run = async <T>(call: Call<T>, runOptions?: RunOptions): Promise<T> => {
    const context = toContext(runOptions);
    context.signal.throwIfAborted();
    const admission = admit(now.state, clock());
    switch (admission.kind) {
      case 'call':
        return whenClosed(call, context);
      case 'refuse-isolated':
        throw refusal(undefined);
      case 'refuse-open':
        throw refusal(admission.waitMs);
      case 'probe':
        break;
    }
    if (link === undefined) return asProbe(call, context);
    if (claiming || clock() < askAgainAt) throw refusal(ASK_AGAIN_MS);
    claiming = true;
    const answer = await mayProbe(link, name, timing.probeLimitMs).finally(() => (claiming = false));
    if (answer === 'unanswered') linkFailed();
    if (answer === 'no') askAgainAt = clock() + ASK_AGAIN_MS;
    // Much may have happened meanwhile: another worker's test, or a hand.
    const mayStill = admit(now.state, clock()).kind === 'probe';
    if (mayStill && answer !== 'no' && !context.signal.aborted) return asProbe(call, context);
    if (answer === 'yes') linked((to) => to.endProbe(name));
    context.signal.throwIfAborted();
    if (mayStill) throw refusal(ASK_AGAIN_MS);
    return run(call, context);
  };

  return {
    name,
    run,
    get state() {
      return now.state.kind;
    },
    isolate: () => take({ kind: 'isolate' }),
    reset: () => take({ kind: 'reset' }),
    onChange: changes.subscribe,
    metrics: () => ({ state: now.state.kind, ...counts, changes: { ...entered } }),
    close: () => {
      linked(() => leave());
      link = undefined;
    },
  };
};
