import type { DocumentBuilder } from './document-builder.ts';
import { addTable, type GridRow } from './table-grid.ts';

/** A row of a sheet: text by 0-based column; columns without text are absent. */
export type SheetRow = ReadonlyMap<number, string>;

/** Cells that a merge covers; 0-based, the last ones included. */
export interface Merge {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Cells that all merges of a sheet may fill. */
const MOST_MERGED = 100_000;

/**
 * Adds the tables of a sheet: runs of rows between empty ones, cut again at columns that are empty
 * in the whole run. Every table has its own headers. `rows` are by 0-based number; merged cells
 * stand in all places that they cover.
 */
export function addSheet(
  builder: DocumentBuilder,
  rows: ReadonlyMap<number, SheetRow>,
  merges: readonly Merge[],
): void {
  const covered: Covered = new Map();
  let left = MOST_MERGED;
  for (const merge of merges) left -= cover(covered, rows, merge, left);
  const numbers = [...rows].filter(([, row]) => row.size > 0).map(([number]) => number);
  numbers.sort((left, right) => left - right);
  let run: number[] = [];
  for (const number of numbers) {
    const last = run.at(-1);
    if (last !== undefined && number > last + 1) {
      addRun(builder, run, rows, covered);
      run = [];
    }
    run.push(number);
  }
  addRun(builder, run, rows, covered);
}

/** Texts of merged cells by row and column. */
type Covered = Map<number, Map<number, string>>;

/** Returns how many places were filled. */
function cover(
  covered: Covered,
  rows: ReadonlyMap<number, SheetRow>,
  merge: Merge,
  most: number,
): number {
  const text = rows.get(merge.top)?.get(merge.left);
  if (text === undefined) return 0;
  let filled = 0;
  for (let number = merge.top; number <= merge.bottom && rows.has(number); number += 1) {
    const row = covered.get(number) ?? new Map<number, string>();
    covered.set(number, row);
    for (let column = merge.left; column <= merge.right; column += 1) {
      if (filled >= most) return filled;
      row.set(column, text);
      filled += 1;
    }
  }
  return filled;
}

function addRun(
  builder: DocumentBuilder,
  run: readonly number[],
  rows: ReadonlyMap<number, SheetRow>,
  covered: Covered,
): void {
  const used = new Set<number>();
  for (const number of run) {
    for (const column of rows.get(number)?.keys() ?? []) used.add(column);
    for (const column of covered.get(number)?.keys() ?? []) used.add(column);
  }
  const columns = [...used].sort((left, right) => left - right);
  for (const group of groupsOf(columns)) {
    const table = run.map((number): GridRow => {
      const cells: { text: string; columns: number }[] = [];
      const merged = covered.get(number);
      for (const column of group) {
        const text = merged?.get(column) ?? rows.get(number)?.get(column) ?? '';
        const last = cells.at(-1);
        const isSame = merged?.has(column) && merged.get(column - 1) === text;
        if (isSame && last !== undefined) last.columns += 1;
        else cells.push({ text, columns: 1 });
      }
      return { cells };
    });
    addTable(builder, table);
  }
}

/** Runs of neighbouring columns. */
function groupsOf(columns: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const column of columns) {
    const last = groups.at(-1);
    if (last !== undefined && last.at(-1) === column - 1) last.push(column);
    else groups.push([column]);
  }
  return groups;
}
