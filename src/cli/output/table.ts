/** Tables without lines: columns of text that fit the width of the terminal. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** 0 stays always; where there is no room the highest goes first. */
  readonly rank: number;
  readonly cell: (row: Row) => string;
}

const GAP = 2;

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** The columns that fit into `width` characters: those of the highest rank go, one by one. */
export const fitColumns = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Column<Row>[] => {
  // A column in which nothing is known says nothing.
  let kept = columns.filter(
    (column) => column.rank === 0 || rows.some((row) => widthOf(column.cell(row)) > 0),
  );
  const total = (): number =>
    kept.reduce(
      (sum, column) =>
        sum + GAP + Math.max(widthOf(column.title), ...rows.map((row) => widthOf(column.cell(row)))),
      -GAP,
    );
  while (total() > width) {
    const least = kept.reduce((worst, column) => (column.rank >= worst.rank ? column : worst));
    if (least.rank === 0) break;
    kept = kept.filter((column) => column !== least);
  }
  return kept;
};

const noLines = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle'
    .split(' ')
    .map((name) => [name, name === 'middle' ? ' '.repeat(GAP) : '']),
);

export interface TableOptions {
  /** Characters that a line may have. */
  readonly width: number;
  readonly paintTitle: (title: string) => string;
}

/** The rows as lines of text, the titles first. */
export const renderTable = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string => {
  const kept = fitColumns(columns, rows, options.width);
  const table = new Table({
    head: kept.map((column) => options.paintTitle(column.title)),
    chars: noLines,
    colAligns: kept.map((column) => column.align),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => kept.map((column) => column.cell(row))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};
