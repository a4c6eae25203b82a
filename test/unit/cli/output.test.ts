import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderApps } from '../../../src/cli/output/app-table.ts';
import { formatAge, formatCount, formatShare, formatTime } from '../../../src/cli/output/format.ts';
import type { Column } from '../../../src/cli/output/table.ts';
import { fitColumns, renderTable } from '../../../src/cli/output/table.ts';
import type { Output } from '../../../src/cli/context.ts';
import { app, worker } from '../control/fake-control.ts';

const ages: readonly (readonly [number, string])[] = [
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [7_500_000, '2h5m'],
  [7_200_000, '2h'],
  [86_400_000, '1d'],
  [273_600_000, '3d4h'],
];

for (const [ms, text] of ages) {
  test(`${ms} ms is ${text}`, () => {
    assert.equal(formatAge(ms), text);
  });
}

test('counts, shares and times', () => {
  assert.deepEqual([0, 999, 1_000, 1_234_567.4].map(formatCount), ['0', '999', '1,000', '1,234,567']);
  assert.deepEqual([0, 0.126, 1.5].map(formatShare), ['0%', '13%', '150%']);
  const at = new Date(2026, 10, 20, 9, 5, 7).getTime();
  assert.equal(formatTime(at, at + 60_000), '09:05:07');
  assert.equal(formatTime(at, at + 86_400_000), '2026-11-20 09:05:07');
});

const columns: readonly Column<string>[] = [
  { title: 'word', align: 'left', rank: 0, cell: (row) => row },
  { title: 'size', align: 'right', rank: 1, cell: (row) => String(row.length) },
  { title: 'twice', align: 'left', rank: 2, cell: (row) => row + row },
  { title: 'none', align: 'left', rank: 3, cell: () => '' },
];
const titles = (width: number): string[] =>
  fitColumns(columns, ['abcd', 'xy'], width).map(({ title }) => title);

test('columns go by their rank until the rest fits; an empty one is not shown', () => {
  assert.deepEqual(titles(Infinity), ['word', 'size', 'twice']);
  assert.deepEqual(titles(20), ['word', 'size', 'twice']);
  assert.deepEqual(titles(19), ['word', 'size']);
  assert.deepEqual(titles(9), ['word']);
  assert.deepEqual(titles(1), ['word']);
});

test('a table has aligned columns and no blanks at the ends of its lines', () => {
  const text = renderTable(columns, ['abcd', 'xy'], { width: 80, paintTitle: (title) => title });
  assert.equal(text, 'word  size  twice\nabcd     4  abcdabcd\nxy       2  xyxy');
});

const terminal = (width: number): Output => ({ isTTY: true, columns: width, write: () => {} });
const many = app({
  name: 'storefront',
  addresses: ['0.0.0.0:3000', '0.0.0.0:3001'],
  workers: [0, 1, 2].map((slot) =>
    worker({ slot, pid: 4_000_000 + slot, uptimeMs: 300_000_000, state: 'backing-off' }),
  ),
});

test('the table of apps fits every terminal from 40 columns on', () => {
  for (const width of [40, 60, 80, 100, 132]) {
    const lines = renderApps([many, app({ name: 'x' })], terminal(width)).split('\n');
    assert.equal(lines.length, 6);
    for (const line of lines) assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`);
  }
});

test('at 80 columns there is what one looks for first', () => {
  const [head = ''] = renderApps([many], terminal(80)).split('\n');
  for (const title of ['app', 'state', 'pid', 'uptime', 'restarts', 'cpu', 'rss', 'req/s'])
    assert.match(head, new RegExp(`\\b${title}`));
});

test("an app's line has the sums of its workers, but not of memory that they share", () => {
  const text = renderApps([app({ workers: [worker(), worker({ slot: 1 })] })], terminal(200));
  const [, line = ''] = text.split('\n');
  assert.match(line, /24%/);
  assert.match(line, /60 MiB/);
  assert.doesNotMatch(line, /128 MiB/);
  assert.match(line, /2,469/);
});

test('namespaces have a column where there are any', () => {
  assert.doesNotMatch(renderApps([many], terminal(200)), /namespace/);
  const text = renderApps([many, app({ name: 'x', namespace: 'shop' })], terminal(200));
  assert.match(text, /^app +namespace +state/);
  assert.match(text, /^x +shop /m);
});

test('why an app has failed stands below the table', () => {
  const failed = [
    app({ state: 'failed', reason: 'too many restarts' }),
    app({ name: 'b', reason: 'b: boom' }),
  ];
  assert.match(renderApps(failed, terminal(80)), /\napi: too many restarts\nb: boom$/);
});
