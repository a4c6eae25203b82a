/**
 * The states of a breaker and what leads from one to the next; pure, times are given.
 *
 *              tripped                  probe started
 *    closed ───────────▶ open ─────────────────────────▶ half-open
 *      ▲                  ▲ └◀── probe failed or unclear ──┘  │
 *      └──────────────────┼────── probe succeeded ────────────┘
 *                  isolate │ reset: from and to any
 */
import type { BreakerNews } from './breaker-link.ts';
import { nextVersion } from './breaker-version.ts';

export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number; readonly failedProbes: number }
  /** One call is let through; after `expires` another may be, the first is taken for lost. */
  | {
      readonly kind: 'half-open';
      readonly probe: number;
      readonly expires: number;
      readonly failedProbes: number;
    }
  | { readonly kind: 'isolated' };

export type BreakerStateName = BreakerState['kind'];

export interface BreakerTiming {
  readonly openForMs: number;
  /** Each probe that fails doubles the time, up to this. */
  readonly maxOpenForMs: number;
  readonly probeLimitMs: number;
}

export type BreakerStep =
  | { readonly kind: 'tripped' }
  | { readonly kind: 'probe-started'; readonly probe: number }
  | { readonly kind: 'probe-succeeded' | 'probe-failed' | 'probe-unclear'; readonly probe: number }
  | { readonly kind: 'isolate' | 'reset' };

/** `version` is that of the last decision about the breaker, by anyone; see `adopt`. */
export interface Versioned {
  readonly version: number;
  readonly state: BreakerState;
}

export const initial: Versioned = { version: 0, state: { kind: 'closed' } };

/** What to do with a call that comes now. `waitMs`: when it is worth coming again. */
export type Admission =
  | { readonly kind: 'call' | 'probe' | 'refuse-isolated' }
  | { readonly kind: 'refuse-open'; readonly waitMs: number };

export const admit = (state: BreakerState, now: number): Admission => {
  switch (state.kind) {
    case 'closed':
      return { kind: 'call' };
    case 'open':
      return now >= state.until ? { kind: 'probe' } : { kind: 'refuse-open', waitMs: state.until - now };
    case 'half-open':
      return now >= state.expires ? { kind: 'probe' } : { kind: 'refuse-open', waitMs: state.expires - now };
    case 'isolated':
      return { kind: 'refuse-isolated' };
  }
};

const opened = (failedProbes: number, timing: BreakerTiming, now: number): BreakerState => ({
  kind: 'open',
  failedProbes,
  until: now + Math.min(timing.maxOpenForMs, timing.openForMs * 2 ** Math.min(failedProbes, 30)),
});

/** The state after a step; the same object when the step means nothing in this state. */
const after = (state: BreakerState, step: BreakerStep, timing: BreakerTiming, now: number): BreakerState => {
  switch (step.kind) {
    case 'tripped':
      return state.kind === 'closed' ? opened(0, timing, now) : state;
    case 'isolate':
      return state.kind === 'isolated' ? state : { kind: 'isolated' };
    case 'reset':
      return state.kind === 'closed' ? state : { kind: 'closed' };
    case 'probe-started': {
      if (admit(state, now).kind !== 'probe') return state;
      const failedProbes = 'failedProbes' in state ? state.failedProbes : 0;
      return { kind: 'half-open', probe: step.probe, expires: now + timing.probeLimitMs, failedProbes };
    }
    default:
      // A probe that was given up on may still answer: only the present one counts.
      if (state.kind !== 'half-open' || state.probe !== step.probe) return state;
      if (step.kind === 'probe-succeeded') return { kind: 'closed' };
      return step.kind === 'probe-failed'
        ? opened(state.failedProbes + 1, timing, now)
        : { kind: 'open', until: now, failedProbes: state.failedProbes };
  }
};

/** Half-open is nobody else's business: to the others the breaker stays open. */
const isNews = (from: BreakerState, to: BreakerState): boolean =>
  from !== to &&
  to.kind !== 'half-open' &&
  !(from.kind === 'half-open' && to.kind === 'open' && to.failedProbes === from.failedProbes);

export interface Stepped extends Versioned {
  /** The others have to hear of it. */
  readonly publish: boolean;
}

/** `seconds`: since 1970, see `nextVersion`. */
export const stepped = (
  { version, state }: Versioned,
  step: BreakerStep,
  timing: BreakerTiming,
  now: number,
  seconds: number,
): Stepped => {
  const to = after(state, step, timing, now);
  if (!isNews(state, to)) return { version, state: to, publish: false };
  const byHand = step.kind === 'isolate' || step.kind === 'reset';
  return { version: nextVersion(version, { byHand, seconds }), state: to, publish: true };
};

const severity: Readonly<Record<BreakerNews['state'], number>> = { closed: 0, open: 1, isolated: 2 };

const asNews = ({ kind }: BreakerState): BreakerNews['state'] => (kind === 'half-open' ? 'open' : kind);

/** Whether one decision replaces another: the later one, and of two made at once the more careful. */
export const outranks = (
  one: Pick<BreakerNews, 'version' | 'state'>,
  other: Pick<BreakerNews, 'version' | 'state'>,
): boolean =>
  one.version > other.version ||
  (one.version === other.version && severity[one.state] > severity[other.state]);

/** What another worker decided. In whatever order workers hear of decisions, all end in one state. */
export const adopt = (mine: Versioned, news: BreakerNews, now: number): Versioned => {
  if (!outranks(news, { version: mine.version, state: asNews(mine.state) })) return mine;
  const { version } = news;
  switch (news.state) {
    case 'closed':
    case 'isolated':
      return {
        version,
        state: mine.state.kind === news.state ? mine.state : { kind: news.state },
      };
    case 'open':
      return {
        version,
        state: { kind: 'open', until: now + news.openForMs, failedProbes: news.failedProbes },
      };
  }
};

/** What the others are told; `openForMs` is relative, because clocks differ. */
export const toNews = (name: string, { version, state }: Versioned, now: number): BreakerNews => ({
  name,
  version,
  state: asNews(state),
  openForMs: state.kind === 'open' ? Math.max(0, state.until - now) : 0,
  failedProbes: 'failedProbes' in state ? state.failedProbes : 0,
});
