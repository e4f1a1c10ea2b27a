import type { Row, Segment } from './pdf-items.ts';

export interface PdfTable {
  /** Index of the row after the table. */
  readonly end: number;
  /** Per row, the segment of each column. */
  readonly rows: readonly (readonly (Segment | undefined)[])[];
}

const LONGEST_CELL = 70;
/** Rows of a table stand closer than so many font sizes. */
const ROW_GAP = 4;

/**
 * A table that begins at a row: at least two rows of several segments that stand in the same
 * columns. Undefined when there is none.
 */
export function tableAt(rows: readonly Row[], from: number): PdfTable | undefined {
  if (!isTableRow(rows[from])) return undefined;
  let end = from + 1;
  while (end < rows.length && continuesTable(rows, end)) end += 1;
  const taken = rows.slice(from, end);
  if (taken.filter(isTableRow).length < 2) return undefined;
  const columns = columnsOf(taken);
  if (columns.length < 2) return undefined;
  const placed: (Segment | undefined)[][] = [];
  for (const row of taken) {
    const cells: (Segment | undefined)[] = columns.map(() => undefined);
    for (const segment of row) {
      const column = columns.findIndex(
        ({ left, right }) => segment.x < right && segment.x + segment.width > left,
      );
      if (column < 0 || cells[column] !== undefined) return undefined;
      cells[column] = segment;
    }
    placed.push(cells);
  }
  return { end, rows: placed };
}

function isTableRow(row: Row | undefined): boolean {
  return (
    row !== undefined &&
    row.length > 1 &&
    row.every((segment) => segment.text.length <= LONGEST_CELL && segment.isUpright)
  );
}

/** A row with one cell is in the table when a full row follows right after it. */
function continuesTable(rows: readonly Row[], at: number): boolean {
  const above = rows[at - 1]?.[0];
  const first = rows[at]?.[0];
  if (above === undefined || first === undefined) return false;
  const gap = first.y - above.y;
  if (gap <= 0 || gap > ROW_GAP * Math.max(first.size, above.size)) return false;
  if (isTableRow(rows[at])) return true;
  const next = rows[at + 1]?.[0];
  return (
    rows[at]?.length === 1 &&
    first.text.length <= LONGEST_CELL / 2 &&
    isTableRow(rows[at + 1]) &&
    next !== undefined &&
    next.y - first.y <= ROW_GAP * first.size
  );
}

/** Columns are the runs on the x axis that some cell covers. */
function columnsOf(rows: readonly Row[]): { left: number; right: number }[] {
  const spans = rows
    .flat()
    .map((segment) => ({ left: segment.x, right: segment.x + segment.width }))
    .sort((one, other) => one.left - other.left);
  const columns: { left: number; right: number }[] = [];
  for (const span of spans) {
    const last = columns.at(-1);
    if (last !== undefined && span.left < last.right) last.right = Math.max(last.right, span.right);
    else columns.push({ ...span });
  }
  return columns;
}
