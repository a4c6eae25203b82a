/** A balancer as its operators see it: what it is told, with what its workers report. Pure. */
import { percentileOf } from '../../core/histogram.ts';
import type {
  BalancerReport,
  BalancerSnapshot,
  MemberSnapshot,
  PoolSnapshot,
  UpstreamReport,
} from '../../protocol/balance.ts';
import { mergeReports } from '../../protocol/balancer-report.ts';
import type {
  BalancerView,
  BalancerWorkerView,
  PoolView,
  UpstreamView,
} from '../../protocol/balancer-view.ts';
import type { Overrides } from './overrides.ts';
import { byCommand } from './overrides.ts';
import { textOf } from './upstream-text.ts';

export interface BalancerFacts {
  readonly name: string;
  readonly frontOf: string | null;
  readonly snapshot: BalancerSnapshot | undefined;
  readonly workers: readonly (BalancerWorkerView & { readonly report: BalancerReport | null })[];
  /** The balancer's own, then those of the apps. */
  readonly overrides: readonly (Overrides | undefined)[];
}

type Percentiles = Pick<UpstreamView, 'p50Ms' | 'p95Ms' | 'p99Ms'>;

const percentiles = (counts: readonly number[], bounds: readonly number[]): Percentiles => {
  const of = (share: number): number | null => {
    const ms = percentileOf(counts, share, bounds);
    return ms === null ? null : Math.round(ms * 100) / 100;
  };
  return { p50Ms: of(0.5), p95Ms: of(0.95), p99Ms: of(0.99) };
};

const upstreamView = (
  member: MemberSnapshot,
  seen: readonly UpstreamReport[],
  sum: UpstreamReport | undefined,
  {
    totals,
    overrides,
  }: { readonly totals: BalancerReport | null; readonly overrides: BalancerFacts['overrides'] },
): UpstreamView => {
  const availability: Record<string, number> = {};
  for (const one of seen) availability[one.availability] = (availability[one.availability] ?? 0) + 1;
  return {
    place: member.place,
    id: member.id,
    address: textOf(member.address),
    backup: member.backup,
    state: member.state,
    availability,
    weight: member.weight,
    byCommand: byCommand(member.place, overrides),
    inFlight: sum?.inFlight ?? 0,
    requests: sum?.requests ?? 0,
    failures: sum?.failures ?? 0,
    connectErrors: sum?.connectErrors ?? 0,
    ejections: sum?.ejections ?? 0,
    reused: sum?.reused ?? 0,
    moved: sum?.moved ?? 0,
    ...percentiles(sum?.latency ?? [], totals?.latency.bounds ?? []),
  };
};

const poolView = (
  { name, settings, expected, members }: PoolSnapshot,
  reports: readonly BalancerReport[],
  totals: BalancerReport | null,
  overrides: BalancerFacts['overrides'],
): PoolView => ({
  name,
  policy: settings.policy.name,
  expected,
  upstreams: members.map((member) => {
    const isIt = ({ id }: UpstreamReport): boolean => id === member.id;
    const seen = reports.flatMap(({ pools }) => pools[name]?.filter(isIt) ?? []);
    return upstreamView(member, seen, totals?.pools[name]?.find(isIt), { totals, overrides });
  }),
});

export const balancerView = ({
  name,
  frontOf,
  snapshot,
  workers,
  overrides,
}: BalancerFacts): BalancerView => {
  const reports = workers.flatMap(({ report }) => (report === null ? [] : [report]));
  const totals = mergeReports(reports);
  const byRoute = new Map<string, number>();
  for (const [key, count] of Object.entries(totals?.responses ?? {})) {
    const [route = ''] = key.split('\0');
    byRoute.set(route, (byRoute.get(route) ?? 0) + count);
  }
  return {
    name,
    frontOf,
    listen: (snapshot?.listen ?? []).map(({ address }) => address),
    revision: snapshot?.revision ?? 0,
    workers: workers.map(({ report: _, ...worker }) => worker),
    routes: (snapshot?.routes ?? []).map(({ text, place }) => ({
      text,
      place,
      requests: byRoute.get(text) ?? 0,
    })),
    pools: (snapshot?.pools ?? []).map((pool) => poolView(pool, reports, totals, overrides)),
    totals,
    ...percentiles(totals?.latency.counts ?? [], totals?.latency.bounds ?? []),
  };
};
