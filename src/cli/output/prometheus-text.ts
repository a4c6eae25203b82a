/**
 * What balancers count, in the text format of Prometheus (version 0.0.4), for a collector that reads files or the
 * output of a command. Pure.
 */
import type { BalancerReport } from '../../protocol/balance.ts';
import type { BalancerView } from '../../protocol/balancer-view.ts';

type Labels = Readonly<Record<string, string>>;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const labelText = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Behind the name of the family. */
  readonly suffix?: string;
}

const family = (
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: readonly Sample[],
): string =>
  samples.length === 0
    ? ''
    : [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(({ labels, value, suffix = '' }) => `${name}${suffix}${labelText(labels)} ${value}`),
        '',
      ].join('\n');

/** Cumulative, in seconds. */
const histogram = (labels: Labels, { bounds, counts, sumMs = 0 }: BalancerReport['latency']): Sample[] => {
  let below = 0;
  const buckets = counts.map((count, at): Sample => {
    below += count;
    const bound = bounds[at];
    return {
      suffix: '_bucket',
      labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound / 1000) },
      value: below,
    };
  });
  return [
    ...buckets,
    { suffix: '_sum', labels, value: sumMs / 1000 },
    { suffix: '_count', labels, value: below },
  ];
};

const STATES = ['up', 'blocked', 'draining', 'maintenance', 'down', 'ejected'];

/** Ends with a line end; '' when there is no balancer. */
export const prometheusText = (balancers: readonly BalancerView[]): string => {
  const known = balancers.flatMap(({ name, totals }) =>
    totals === null ? [] : [{ balancer: name, totals }],
  );
  const total = (of: (one: BalancerReport) => number): Sample[] =>
    known.map(({ balancer, totals }) => ({ labels: { balancer }, value: of(totals) }));
  const counts = (
    label: string,
    of: (one: BalancerReport) => Labels | Readonly<Record<string, number>>,
  ): Sample[] =>
    known.flatMap(({ balancer, totals }) =>
      Object.entries(of(totals)).map(([key, value]) => ({
        labels: { balancer, [label]: key },
        value: Number(value),
      })),
    );
  const upstreams = balancers.flatMap(({ name: balancer, pools }) =>
    pools.flatMap((pool) =>
      pool.upstreams.map((upstream) => ({
        ...upstream,
        labels: { balancer, pool: pool.name, upstream: upstream.place },
      })),
    ),
  );
  const ofUpstreams = (of: (one: (typeof upstreams)[number]) => number): Sample[] =>
    upstreams.map((one) => ({ labels: one.labels, value: of(one) }));
  return [
    family(
      'skein_balancer_requests_total',
      'counter',
      'Requests that have ended.',
      total((one) => one.requests),
    ),
    family(
      'skein_balancer_responses_total',
      'counter',
      'Answers by route, upstream and status.',
      known.flatMap(({ balancer, totals }) =>
        Object.entries(totals.responses).map(([key, value]) => {
          const [route = '', upstream = '', status = ''] = key.split('\0');
          return { labels: { balancer, route, upstream, status }, value };
        }),
      ),
    ),
    family(
      'skein_balancer_own_errors_total',
      'counter',
      'Errors that the balancer itself answered.',
      counts('status', ({ errors }) => errors),
    ),
    family(
      'skein_balancer_ends_total',
      'counter',
      'Requests by who ended them, and when.',
      counts('end', ({ ends = {} }) => ends),
    ),
    family(
      'skein_balancer_retries_total',
      'counter',
      'Tries after the first.',
      total((one) => one.retries),
    ),
    family(
      'skein_balancer_received_bytes_total',
      'counter',
      'Bytes of bodies and tunnels from clients.',
      total((one) => one.bytesIn ?? 0),
    ),
    family(
      'skein_balancer_sent_bytes_total',
      'counter',
      'Bytes of bodies and tunnels to clients.',
      total((one) => one.bytesOut ?? 0),
    ),
    family(
      'skein_balancer_log_lines_dropped_total',
      'counter',
      'Lines of the access log that nobody took.',
      total((one) => one.linesDropped ?? 0),
    ),
    family(
      'skein_balancer_connections',
      'gauge',
      'Connections of clients.',
      total((one) => one.connections),
    ),
    family(
      'skein_balancer_tunnels',
      'gauge',
      'WebSockets and other tunnels.',
      total((one) => one.tunnels),
    ),
    family(
      'skein_balancer_in_flight',
      'gauge',
      'Requests without a whole answer.',
      total((one) => one.inFlight),
    ),
    family(
      'skein_balancer_queued',
      'gauge',
      'Requests that wait for an upstream.',
      total((one) => one.queued),
    ),
    family(
      'skein_balancer_request_seconds',
      'histogram',
      'Whole requests, tunnels excepted.',
      known.flatMap(({ balancer, totals: { latency } }) => histogram({ balancer }, latency)),
    ),
    family(
      'skein_balancer_upstream_requests_total',
      'counter',
      'Requests sent to an upstream.',
      ofUpstreams((one) => one.requests),
    ),
    family(
      'skein_balancer_upstream_failures_total',
      'counter',
      'Requests that an upstream failed.',
      ofUpstreams((one) => one.failures),
    ),
    family(
      'skein_balancer_upstream_connect_errors_total',
      'counter',
      'Connections to an upstream that could not be made.',
      ofUpstreams((one) => one.connectErrors),
    ),
    family(
      'skein_balancer_upstream_ejections_total',
      'counter',
      'How often an upstream was taken out for failing.',
      ofUpstreams((one) => one.ejections),
    ),
    family(
      'skein_balancer_upstream_reused_total',
      'counter',
      'Requests over a connection that was there.',
      ofUpstreams((one) => one.reused),
    ),
    family(
      'skein_balancer_upstream_moved_total',
      'counter',
      'Sessions that left an upstream for another.',
      ofUpstreams((one) => one.moved),
    ),
    family(
      'skein_balancer_upstream_in_flight',
      'gauge',
      'Requests in an upstream.',
      ofUpstreams((one) => one.inFlight),
    ),
    family(
      'skein_balancer_upstream_weight',
      'gauge',
      'Weight by settings or command.',
      ofUpstreams((one) => one.weight),
    ),
    family(
      'skein_balancer_upstream_state',
      'gauge',
      'How many workers of the balancer find an upstream in this state.',
      upstreams.flatMap(({ labels, availability }) =>
        STATES.map((state) => ({ labels: { ...labels, state }, value: availability[state] ?? 0 })),
      ),
    ),
  ].join('');
};
