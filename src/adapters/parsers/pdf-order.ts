import type { Row } from './pdf-items.ts';

/** Rows of two long halves, one below the other, are two columns that were written line by line. */
const LEAST_ROWS = 5;
const LEAST_CHARACTERS = 18;

/**
 * Puts columns one after the other where a page was written straight across them (text layers of
 * scans, some report generators). Most programs write column by column; that order is kept.
 */
export function inReadingOrder(rows: readonly Row[]): Row[] {
  const ordered: Row[] = [];
  for (let at = 0; at < rows.length; ) {
    const end = endOfColumns(rows, at);
    if (end === at) {
      const row = rows[at];
      if (row !== undefined) ordered.push(row);
      at += 1;
    } else {
      ordered.push(...sideBySide(rows.slice(at, end)));
      at = end;
    }
  }
  return ordered;
}

function endOfColumns(rows: readonly Row[], from: number): number {
  let leftEdge = Number.NEGATIVE_INFINITY;
  let rightEdge = Number.POSITIVE_INFINITY;
  let pairs = 0;
  let characters = 0;
  let end = from;
  for (; end < rows.length; end += 1) {
    const [left, right, third] = rows[end] ?? [];
    if (left === undefined || third !== undefined) break;
    if (right === undefined) {
      const fits = left.x + left.width <= rightEdge || left.x >= leftEdge;
      if (pairs === 0 || !fits) break;
      continue;
    }
    const nextLeft = Math.max(leftEdge, left.x + left.width);
    const nextRight = Math.min(rightEdge, right.x);
    if (nextRight <= nextLeft) break;
    leftEdge = nextLeft;
    rightEdge = nextRight;
    pairs += 1;
    characters += Math.min(left.text.length, right.text.length);
  }
  const isProse = pairs >= LEAST_ROWS && characters / pairs >= LEAST_CHARACTERS;
  return isProse ? end : from;
}

function sideBySide(rows: readonly Row[]): Row[] {
  const edge = Math.min(...rows.map((row) => row[1]?.x ?? Number.POSITIVE_INFINITY));
  const segments = rows.flat();
  return [
    ...segments.filter((segment) => segment.x < edge - 1),
    ...segments.filter((segment) => segment.x >= edge - 1),
  ].map((segment) => [segment]);
}
