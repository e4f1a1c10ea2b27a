import type { DocumentBuilder } from './document-builder.ts';

/** A cell as files state it. */
export interface GridCell {
  readonly text: string;
  /** Columns and rows that it covers; 1 when absent. */
  readonly columns?: number;
  readonly rows?: number;
}

export interface GridRow {
  readonly cells: readonly GridCell[];
  /** The file itself says that this is a row of headers. */
  readonly isHeader?: boolean;
}

/** Cells that a row may cover with its spans. */
const MOST_COLUMNS = 1000;
const MOST_SPANNED_ROWS = 1000;
const LIKE_A_VALUE = /^[^\p{L}]*\d[^\p{L}]*\p{L}{0,3}\.?$/u;

/**
 * How many of the first rows of a table are headers. The file's own word counts; else the first
 * row, when it has at least two cells, all different and none like a number, and rows follow.
 */
export function headerCount(
  rows: readonly { readonly cells: readonly string[]; readonly isHeader?: boolean }[],
): number {
  const stated = rows.findIndex((row) => row.isHeader !== true);
  if (stated > 0) return stated;
  if (stated < 0) return 0;
  const first = (rows[0]?.cells ?? []).map((cell) => cell.trim());
  const filled = first.filter((cell) => cell !== '');
  if (rows.length < 2 || filled.length < 2) return 0;
  const isPlain = filled.every((cell) => !LIKE_A_VALUE.test(cell) && cell.length <= 120);
  const isKeyed = rows.every((row) => /:$/.test(row.cells[0]?.trim() ?? ''));
  return isPlain && !isKeyed && new Set(filled).size === filled.length ? 1 : 0;
}

/**
 * Adds the rows of a table, each cell with its header. A cell that covers several rows stands in
 * each of them, one that covers several columns heads or fills all of them; headers of two levels
 * are joined (`Dose › Adults`). A first row of a single cell is the table's title.
 */
export function addTable(builder: DocumentBuilder, rows: readonly GridRow[], page?: number): void {
  const grid = spread(rows).filter((row) => row.cells.some((cell) => cell.text.trim() !== ''));
  let from = 0;
  while (from < grid.length - 1 && isTitle(grid[from]) && !isTitle(grid[from + 1])) {
    builder.add('paragraph', grid[from]?.cells[0]?.text ?? '', page);
    from += 1;
  }
  const body = grid.slice(from);
  const texts = body.map((row) => ({
    cells: row.cells.map((cell) => cell.text),
    ...(row.isHeader === undefined ? {} : { isHeader: row.isHeader }),
  }));
  let count = headerCount(texts);
  const isGrouped = body[0]?.cells.some((cell) => cell.isCopy === 'column') ?? false;
  if (count === 1 && isGrouped && texts.length > 2)
    count += headerCount(texts.slice(1)) > 0 ? 1 : 0;
  else if (count === 0 && isGrouped && texts.length > 2 && headerCount(texts.slice(1)) === 1)
    count = 2;
  const headers = headersOf(texts.slice(0, count).map((row) => row.cells));
  for (const [index, row] of body.entries()) {
    const cells = row.cells.flatMap((cell, column) =>
      cell.isCopy === 'column'
        ? []
        : [{ text: cell.text, header: index < count ? '' : (headers[column] ?? '') }],
    );
    builder.addRow(cells, page);
  }
}

interface SpreadCell {
  readonly text: string;
  /** The cell stands elsewhere and covers this place too. */
  readonly isCopy?: 'column' | 'row';
}

/** Puts every cell into all places that it covers. */
function spread(rows: readonly GridRow[]): { cells: SpreadCell[]; isHeader?: boolean }[] {
  const carried = new Map<number, { text: string; left: number; isCopy: 'column' | 'row' }>();
  return rows.map((row) => {
    const cells: SpreadCell[] = [];
    const takeCarried = () => {
      for (;;) {
        const one = carried.get(cells.length);
        if (one === undefined) return;
        const at = cells.length;
        cells.push({ text: one.text, isCopy: one.isCopy });
        if (one.left <= 1) carried.delete(at);
        else carried.set(at, { ...one, left: one.left - 1 });
      }
    };
    for (const cell of row.cells) {
      takeCarried();
      const width = Math.min(Math.max(1, cell.columns ?? 1), MOST_COLUMNS - cells.length);
      const height = Math.min(cell.rows ?? 1, MOST_SPANNED_ROWS);
      for (let offset = 0; offset < width; offset += 1) {
        if (height > 1)
          carried.set(cells.length, {
            text: cell.text,
            left: height - 1,
            isCopy: offset === 0 ? 'row' : 'column',
          });
        cells.push(offset === 0 ? { text: cell.text } : { text: cell.text, isCopy: 'column' });
      }
    }
    takeCarried();
    return { cells, ...(row.isHeader === undefined ? {} : { isHeader: row.isHeader }) };
  });
}

function isTitle(
  row: { readonly cells: readonly SpreadCell[]; readonly isHeader?: boolean } | undefined,
) {
  const own = (row?.cells ?? []).filter(
    (cell) => cell.isCopy === undefined && cell.text.trim() !== '',
  );
  return own.length === 1 && row?.isHeader !== true && row?.cells[0] === own[0];
}

/** One header per column; the words of several levels are joined, without repetition. */
function headersOf(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: width }, (_value, column) => {
    const words = rows.map((row) => (row[column] ?? '').trim()).filter((word) => word !== '');
    return words.filter((word, index) => word !== words[index - 1]).join(' › ');
  });
}
