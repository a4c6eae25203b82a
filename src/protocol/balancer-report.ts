/** What several workers of one balancer report, as one. Pure. */
import { addCounts, emptyCounts } from '../core/histogram.ts';
import type { BalancerReport, UpstreamReport } from './balance.ts';

type Counts = Readonly<Record<string, number>>;

const addInto = (into: Record<string, number>, from: Counts | undefined): void => {
  for (const [key, count] of Object.entries(from ?? {})) into[key] = (into[key] ?? 0) + count;
};

const summed = (all: readonly (Counts | undefined)[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const one of all) addInto(sum, one);
  return sum;
};

/** Of several kinds, the one that most have; the first of them if there are several. */
const mostCommon = (all: readonly string[]): string => {
  const counts = summed(all.map((one) => ({ [one]: 1 })));
  return Object.entries(counts).reduce((best, one) => (one[1] > best[1] ? one : best))[0];
};

const histogram = (all: readonly (readonly number[])[], bounds: readonly number[]): number[] => {
  const sum = emptyCounts(bounds);
  for (const one of all) addCounts(sum, one);
  return sum;
};

const sumUpstreams = (all: readonly UpstreamReport[], bounds: readonly number[]): UpstreamReport => {
  const [first] = all as [UpstreamReport];
  const sum = (of: (one: UpstreamReport) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    id: first.id,
    place: first.place,
    availability: mostCommon(all.map(({ availability }) => availability)),
    weight: Math.max(...all.map(({ weight }) => weight)),
    inFlight: sum(({ inFlight }) => inFlight),
    requests: sum(({ requests }) => requests),
    failures: sum(({ failures }) => failures),
    ejections: sum(({ ejections }) => ejections),
    reused: sum(({ reused }) => reused),
    moved: sum(({ moved }) => moved),
    connectErrors: sum(({ connectErrors = 0 }) => connectErrors),
    latency: histogram(
      all.flatMap(({ latency }) => (latency === undefined ? [] : [latency])),
      bounds,
    ),
  };
};

const sumPools = (
  all: readonly BalancerReport['pools'][],
  bounds: readonly number[],
): BalancerReport['pools'] => {
  const pools = new Map<string, Map<string, UpstreamReport[]>>();
  for (const [name, upstreams] of all.flatMap((one) => Object.entries(one))) {
    const pool = pools.get(name) ?? new Map<string, UpstreamReport[]>();
    pools.set(name, pool);
    for (const upstream of upstreams) pool.set(upstream.id, [...(pool.get(upstream.id) ?? []), upstream]);
  }
  return Object.fromEntries(
    [...pools].map(([name, pool]) => [name, [...pool.values()].map((same) => sumUpstreams(same, bounds))]),
  );
};

/**
 * Counts and gauges added up; an upstream is as available as most workers find it. Histograms with other
 * bounds than the first (of a worker of another version) are left out. null: there is no report.
 */
export const mergeReports = (reports: readonly BalancerReport[]): BalancerReport | null => {
  const [first] = reports;
  if (first === undefined) return null;
  const sum = (of: (one: BalancerReport) => number): number =>
    reports.reduce((total, one) => total + of(one), 0);
  const { bounds } = first.latency;
  const known = reports.filter(
    ({ latency }) =>
      latency.bounds.length === bounds.length && latency.bounds.every((one, at) => one === bounds[at]),
  );
  return {
    connections: sum(({ connections }) => connections),
    tunnels: sum(({ tunnels }) => tunnels),
    inFlight: sum(({ inFlight }) => inFlight),
    queued: sum(({ queued }) => queued),
    requests: sum(({ requests }) => requests),
    retries: sum(({ retries }) => retries),
    errors: summed(reports.map(({ errors }) => errors)),
    responses: summed(reports.map(({ responses }) => responses)),
    ends: summed(reports.map(({ ends }) => ends)),
    bytesIn: sum(({ bytesIn = 0 }) => bytesIn),
    bytesOut: sum(({ bytesOut = 0 }) => bytesOut),
    linesDropped: sum(({ linesDropped = 0 }) => linesDropped),
    latency: {
      bounds,
      sumMs: known.reduce((total, { latency: { sumMs = 0 } }) => total + sumMs, 0),
      counts: histogram(
        known.map(({ latency }) => latency.counts),
        bounds,
      ),
    },
    pools: sumPools(
      reports.map(({ pools }) => pools),
      bounds,
    ),
  };
};
