/** The text of `skein balance status`. */
import type { BalancerView, UpstreamView } from '../../protocol/balancer-view.ts';
import type { Output } from '../context.ts';
import { formatCount } from './format.ts';
import type { Paint } from './style.ts';
import { painterFor } from './style.ts';
import type { Column } from './table.ts';
import { renderTable } from './table.ts';

interface Row extends UpstreamView {
  readonly pool: string;
}

/** `3.4 ms`, `1.2 s`; '' when it is not known. */
const formatMs = (ms: number | null): string => {
  if (ms === null) return '';
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
};

const some = (count: number): string => (count === 0 ? '' : formatCount(count));

/** What was said of it, and what workers of the balancer find where they do not find it up. */
const stateCell = ({ state, availability }: UpstreamView, paint: Paint): string => {
  const found = Object.entries(availability);
  const total = found.reduce((sum, [, count]) => sum + count, 0);
  const worse = found.filter(([name]) => name !== 'up' && name !== state);
  if (worse.length > 0 && state === 'up') {
    const text = worse
      .map(([name, count]) => (count === total ? name : `${name} ${count}/${total}`))
      .join(' ');
    return paint('red', text);
  }
  return state === 'up' ? paint('green', state) : paint('yellow', state);
};

const columnsFor = (paint: Paint): readonly Column<Row>[] => [
  { title: 'pool', align: 'left', rank: 0, cell: ({ pool }) => pool },
  {
    title: 'upstream',
    align: 'left',
    rank: 0,
    cell: ({ place, backup }) => (backup ? `${place} (backup)` : place),
  },
  { title: 'state', align: 'left', rank: 0, cell: (row) => stateCell(row, paint) },
  { title: 'weight', align: 'right', rank: 1, cell: ({ weight }) => String(weight) },
  { title: 'in flight', align: 'right', rank: 2, cell: ({ inFlight }) => formatCount(inFlight) },
  { title: 'requests', align: 'right', rank: 1, cell: ({ requests }) => formatCount(requests) },
  { title: 'failures', align: 'right', rank: 1, cell: ({ failures }) => formatCount(failures) },
  { title: 'ejected', align: 'right', rank: 4, cell: ({ ejections }) => some(ejections) },
  { title: 'p50', align: 'right', rank: 2, cell: ({ p50Ms }) => formatMs(p50Ms) },
  { title: 'p99', align: 'right', rank: 2, cell: ({ p99Ms }) => formatMs(p99Ms) },
  { title: 'moved', align: 'right', rank: 3, cell: ({ moved }) => some(moved) },
  { title: 'by command', align: 'left', rank: 5, cell: ({ byCommand }) => commandText(byCommand) },
];

const commandText = (said: UpstreamView['byCommand']): string =>
  said === null
    ? ''
    : [said.state, said.weight === undefined ? undefined : `weight ${said.weight}`]
        .filter((one) => one !== undefined)
        .join(', ');

const plural = (count: number, one: string, several: string): string =>
  `${formatCount(count)} ${count === 1 ? one : several}`;

const totalsLine = ({ totals, p50Ms, p95Ms, p99Ms }: BalancerView): string => {
  if (totals === null) return 'nothing is reported yet';
  const errors = Object.values(totals.errors).reduce((sum, count) => sum + count, 0);
  return [
    plural(totals.requests, 'request', 'requests'),
    `${formatCount(totals.inFlight)} in flight`,
    `${formatCount(totals.queued)} queued`,
    plural(totals.connections, 'connection', 'connections'),
    plural(totals.tunnels, 'tunnel', 'tunnels'),
    plural(totals.retries, 'retry', 'retries'),
    `${plural(errors, 'error', 'errors')} of its own`,
    ...(p50Ms === null ? [] : [`p50 ${formatMs(p50Ms)}`, `p95 ${formatMs(p95Ms)}`, `p99 ${formatMs(p99Ms)}`]),
  ].join(' · ');
};

const workersLines = ({ workers, revision }: BalancerView, paint: Paint): string[] => [
  ...(workers.length === 0 ? [paint('red', 'none of its workers runs')] : []),
  ...workers.flatMap(({ slot, refused, revision: goesBy }) => {
    if (refused !== null)
      return [
        paint('red', `worker ${slot} goes on by earlier settings: ${refused.place}: ${refused.reason}`),
      ];
    return goesBy < revision ? [paint('yellow', `worker ${slot} has not taken the newest settings yet`)] : [];
  }),
];

const balancerText = (balancer: BalancerView, output: Output, paint: Paint): string => {
  const { name, listen, workers, pools, routes } = balancer;
  const rows = pools.flatMap((pool) => pool.upstreams.map((upstream) => ({ ...upstream, pool: pool.name })));
  const empty = pools.filter(({ upstreams }) => upstreams.length === 0);
  const head = `${paint('bold', name)}  ${plural(workers.length, 'worker', 'workers')}${listen.length === 0 ? '' : ` on ${listen.join(', ')}`}`;
  return [
    head,
    `  ${totalsLine(balancer)}`,
    ...workersLines(balancer, paint).map((line) => `  ${line}`),
    ...(rows.length === 0
      ? []
      : [
          '',
          renderTable(columnsFor(paint), rows, {
            width: output.columns ?? Infinity,
            paintTitle: (title) => paint('gray', title),
          }),
        ]),
    ...empty.map(({ name: pool, expected }) =>
      paint('red', `pool ${pool} has no upstream${expected ? '; requests wait for one' : ''}`),
    ),
    ...(routes.length < 2
      ? []
      : [
          '',
          ...routes.map(
            ({ text, requests }) => `  ${text}  ${paint('gray', plural(requests, 'request', 'requests'))}`,
          ),
        ]),
  ].join('\n');
};

export const renderBalancers = (balancers: readonly BalancerView[], output: Output): string => {
  const paint = painterFor(output);
  if (balancers.length === 0) return 'nothing is balanced';
  return balancers.map((balancer) => balancerText(balancer, output, paint)).join('\n\n');
};
