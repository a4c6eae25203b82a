/** What one balancer worker counts of its requests since its start. */
import { LATENCY_BOUNDS, emptyCounts, rangeOf } from '../../core/histogram.ts';
import type { BalancerReport, UpstreamReport } from '../../protocol/balance.ts';
import type { Outcome, Termination } from '../contract.ts';

/** What others know of this moment. */
export interface Gauges {
  readonly connections: number;
  readonly tunnels: number;
  readonly inFlight: number;
  readonly queued: number;
  /** `latency` is counted here. */
  readonly pools: Readonly<Record<string, readonly UpstreamReport[]>>;
  readonly linesDropped: number;
}

/** Series of route, upstream and status that are told apart; strangers can choose none of the three,
 *  but an app may answer with any status. */
export const MOST_SERIES = 2000;
/** Where the rest is counted, by the hundreds of its status. */
const OTHER = '(other)';

/** An answer of the balancer's own, which no upstream and no route made. */
export const isOwnError = ({
  status,
  termination: { who, phase },
}: Pick<Outcome, 'status' | 'termination'>): boolean =>
  status >= 400 && who !== '-' && who !== 'C' && phase !== 'D' && phase !== 'L' && phase !== 'T';

type Nested<Value> = Map<string, Map<string, Value>>;

const inner = <Value>(outer: Nested<Value>, key: string): Map<string, Value> => {
  let found = outer.get(key);
  if (found === undefined) outer.set(key, (found = new Map()));
  return found;
};

export class Counters {
  #requests = 0;
  #retries = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #errors = new Map<number, number>();
  readonly #latency = emptyCounts();
  #latencyMs = 0;
  /** Who ended it, then in which phase. */
  readonly #ends: Nested<number> = new Map();
  /** Route, upstream, status. Three look-ups of strings that exist are cheaper than one of a new one. */
  readonly #responses = new Map<string, Nested<number>>();
  #series = 0;
  /** Pool, then id of the upstream. */
  readonly #upstreams: Nested<number[]> = new Map();

  count(outcome: Outcome): void {
    const { status, tries, upstream, pool } = outcome;
    this.#requests += 1;
    if (tries > 1) this.#retries += tries - 1;
    this.#bytesIn += outcome.bytesIn;
    this.#bytesOut += outcome.bytesOut;
    if (isOwnError(outcome)) this.#errors.set(status, (this.#errors.get(status) ?? 0) + 1);
    if (status !== 101) {
      const range = rangeOf(outcome.totalMs);
      this.#latency[range] = this.#latency[range]! + 1;
      this.#latencyMs += outcome.totalMs;
    }
    this.#countEnd(outcome.termination);
    this.#countResponse(outcome.route?.text ?? '', upstream?.place ?? '', status);
    if (upstream !== undefined && pool !== undefined) this.#countUpstream(pool, upstream.id, outcome);
  }

  /** How many ended so. */
  ends(who: Termination['who'], phase: Termination['phase']): number {
    return this.#ends.get(who)?.get(phase) ?? 0;
  }

  report({ pools, ...gauges }: Gauges): BalancerReport {
    return {
      ...gauges,
      requests: this.#requests,
      retries: this.#retries,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      errors: Object.fromEntries(this.#errors),
      ends: Object.fromEntries(
        [...this.#ends].flatMap(([who, phases]) => [...phases].map(([phase, count]) => [who + phase, count])),
      ),
      responses: this.#responseCounts(),
      latency: { bounds: LATENCY_BOUNDS, counts: [...this.#latency], sumMs: Math.round(this.#latencyMs) },
      pools: this.#withLearnt(pools),
    };
  }

  #countEnd({ who, phase }: Termination): void {
    const phases = inner(this.#ends, who);
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
  }

  #countResponse(route: string, place: string, status: number): void {
    let places = this.#responses.get(route);
    if (places === undefined) this.#responses.set(route, (places = new Map()));
    const statuses = inner(places, place);
    // A string for each number is made once by the engine and then found again.
    const key = String(status);
    const count = statuses.get(key);
    if (count !== undefined) statuses.set(key, count + 1);
    else if (this.#series < MOST_SERIES) {
      this.#series += 1;
      statuses.set(key, 1);
    } else {
      let others = this.#responses.get(OTHER);
      if (others === undefined) this.#responses.set(OTHER, (others = new Map()));
      const rest = inner(others, '');
      const hundreds = `${String(Math.floor(status / 100))}xx`;
      rest.set(hundreds, (rest.get(hundreds) ?? 0) + 1);
    }
  }

  #countUpstream(pool: string, id: string, { firstByteMs, status }: Outcome): void {
    const upstreams = inner(this.#upstreams, pool);
    if (firstByteMs < 0 || status === 101) return;
    let latency = upstreams.get(id);
    if (latency === undefined) upstreams.set(id, (latency = emptyCounts()));
    const range = rangeOf(firstByteMs);
    latency[range] = latency[range]! + 1;
  }

  #responseCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [route, places] of this.#responses)
      for (const [place, statuses] of places)
        for (const [status, count] of statuses) counts[`${route}\0${place}\0${status}`] = count;
    return counts;
  }

  /** And forgets upstreams that are members no longer. */
  #withLearnt(pools: Gauges['pools']): BalancerReport['pools'] {
    for (const [pool, upstreams] of this.#upstreams) {
      const members = pools[pool];
      if (members === undefined) this.#upstreams.delete(pool);
      else {
        const ids = new Set(members.map(({ id }) => id));
        for (const id of upstreams.keys()) if (!ids.has(id)) upstreams.delete(id);
      }
    }
    return Object.fromEntries(
      Object.entries(pools).map(([pool, members]) => [
        pool,
        members.map((member) => {
          const latency = this.#upstreams.get(pool)?.get(member.id);
          return latency === undefined ? member : { ...member, latency: [...latency] };
        }),
      ]),
    );
  }
}
