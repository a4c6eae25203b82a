/** The table of `skein list` and `skein start`. */
import { formatSize } from '../../core/size.ts';
import type { AppView } from '../../protocol/control.ts';
import type { Output } from '../context.ts';
import type { AppRow } from './app-rows.ts';
import { rowsOf } from './app-rows.ts';
import { unhealthyLines } from './health-text.ts';
import { formatAge, formatCount, formatShare } from './format.ts';
import type { Paint } from './style.ts';
import { painterFor } from './style.ts';
import type { Column } from './table.ts';
import { renderTable } from './table.ts';

const known = <Value>(value: Value | null, format: (value: Value) => string): string =>
  value === null ? '' : format(value);

const stateCell = ({ state, mark }: AppRow, paint: Paint): string =>
  mark === '' ? paintState(state, paint) : `${paintState(state, paint)}${paint('red', mark)}`;

const paintState = (state: AppRow['state'], paint: Paint): string => {
  switch (state) {
    case 'running':
    case 'ready':
      return paint('green', state);
    case 'failed':
      return paint('red', state);
    case 'stopped':
      return paint('gray', state);
    case 'starting':
    case 'reloading':
    case 'stopping':
    case 'degraded':
    case 'draining':
    case 'backing-off':
      return paint('yellow', state);
  }
};

const columnsFor = (paint: Paint): readonly Column<AppRow>[] => [
  { title: 'app', align: 'left', rank: 0, cell: (row) => (row.isApp ? paint('bold', row.name) : row.name) },
  { title: 'namespace', align: 'left', rank: 2, cell: (row) => row.namespace ?? '' },
  { title: 'state', align: 'left', rank: 0, cell: (row) => stateCell(row, paint) },
  { title: 'pid', align: 'right', rank: 0, cell: (row) => known(row.pid, String) },
  { title: 'uptime', align: 'right', rank: 1, cell: (row) => known(row.uptimeMs, formatAge) },
  { title: 'restarts', align: 'right', rank: 2, cell: (row) => String(row.restarts) },
  { title: 'cpu', align: 'right', rank: 3, cell: (row) => known(row.cpu, formatShare) },
  { title: 'rss', align: 'right', rank: 4, cell: (row) => known(row.rssBytes, formatSize) },
  { title: 'pss', align: 'right', rank: 7, cell: (row) => known(row.pssBytes, formatSize) },
  { title: 'loop', align: 'right', rank: 8, cell: (row) => known(row.utilisation, formatShare) },
  { title: 'conns', align: 'right', rank: 6, cell: (row) => known(row.connections, formatCount) },
  { title: 'req/s', align: 'right', rank: 5, cell: (row) => known(row.requestsPerSecond, formatCount) },
  { title: 'gen', align: 'right', rank: 9, cell: (row) => String(row.generation) },
  { title: 'address', align: 'left', rank: 10, cell: (row) => row.addresses.join(' ') },
];

/** Apps and their workers as lines of text; without a terminal every column is there. */
export const renderApps = (apps: readonly AppView[], output: Output): string => {
  const paint = painterFor(output);
  const table = renderTable(columnsFor(paint), apps.flatMap(rowsOf), {
    width: output.columns ?? Infinity,
    paintTitle: (title) => paint('gray', title),
  });
  const reasons = apps.flatMap((app) =>
    app.reason === null
      ? []
      : [app.reason.startsWith(`${app.name}: `) ? app.reason : `${app.name}: ${app.reason}`],
  );
  return [table, ...reasons, ...apps.flatMap(unhealthyLines)].join('\n');
};
