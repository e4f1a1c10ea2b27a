import type { Box } from './document-builder.ts';

/** Runs of text of one page as pdf.js reports them; `transform` leads to the page's own space. */
export interface RawItem {
  readonly str: string;
  readonly dir: string;
  readonly width: number;
  readonly transform: readonly number[];
  readonly fontName: string;
}

export interface PdfPage {
  /** 1-based. */
  readonly number: number;
  /** Points, as the page is shown. */
  readonly width: number;
  readonly height: number;
  readonly items: readonly RawItem[];
  /** From the page's own space to the shown page, whose y grows downwards. */
  readonly transform: readonly number[];
}

/** A run of text on one base line without a wide gap; points, origin at the upper left. */
export interface Segment {
  readonly text: string;
  readonly x: number;
  readonly width: number;
  /** Base line. */
  readonly y: number;
  readonly size: number;
  readonly isUpright: boolean;
}

/** Segments of one base line, in reading order. */
export type Row = readonly Segment[];

/** Gap, in font sizes, that separates cells or columns; words of justified text stand closer. */
const SEGMENT_GAP = 0.75;
const WORD_GAP = 0.2;
const ASCENT = 0.82;
const LINE_HEIGHT = 1.06;
/** Dots that lead from an entry of a table of contents to its page. */
const LEADERS = /(?: ?\.){4,} ?/g;
/** Points; smaller text is not meant to be read. */
const LEAST_SIZE = 1.5;

/** [a b c d e f] of PDF: first the right one, then the left one. */
export function multiply(left: readonly number[], right: readonly number[]): number[] {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = left;
  const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = right;
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
}

/**
 * The rows of a page in the order of its content stream. Text outside the page and text too small
 * to read is left out; `onHidden` hears of it.
 */
export function rowsOf(page: PdfPage, onHidden: () => void): Row[] {
  const rows: Segment[][] = [];
  for (const segment of segmentsOf(page, onHidden)) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    if (row !== undefined && last !== undefined && isBeside(last, segment)) row.push(segment);
    else rows.push([segment]);
  }
  return rows;
}

function isBeside(last: Segment, next: Segment): boolean {
  const near = Math.abs(last.y - next.y) <= Math.max(1, 0.3 * Math.min(last.size, next.size));
  const isApart = next.x >= last.x + last.width || next.x + next.width <= last.x;
  return near && isApart && last.isUpright && next.isUpright;
}

function segmentsOf(page: PdfPage, onHidden: () => void): Segment[] {
  const segments: Segment[] = [];
  let open: Segment | undefined;
  let hasSpace = false;
  for (const item of page.items) {
    if (item.str.trim() === '') {
      hasSpace ||= item.str !== '';
      continue;
    }
    const placed = place(item, page);
    if (isOutside(placed, page) || placed.size < LEAST_SIZE) {
      onHidden();
      continue;
    }
    const gap = open === undefined ? Number.NaN : gapBetween(open, placed, item.dir === 'rtl');
    if (open !== undefined && isSameLine(open, placed) && Math.abs(gap) < SEGMENT_GAP * open.size)
      open = join(open, placed, hasSpace || gap > WORD_GAP * placed.size);
    else {
      if (open !== undefined) segments.push(trimmed(open));
      open = placed;
    }
    hasSpace = false;
  }
  if (open !== undefined) segments.push(trimmed(open));
  return segments;
}

function place(item: RawItem, page: PdfPage): Segment {
  const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = multiply(page.transform, item.transform);
  const isUpright = Math.abs(b) <= 0.2 * Math.abs(a);
  const text = item.str.replace(/[\s\p{Cc}]+/gu, ' ').replace(LEADERS, ' … ');
  return { text, x, y, width: isUpright ? item.width : 0, size: Math.hypot(c, d), isUpright };
}

function isOutside({ x, y, width, size, isUpright }: Segment, page: PdfPage): boolean {
  return y - size / 2 > page.height || y < 0 || x > page.width || (isUpright && x + width < 0);
}

/** A raised or lowered small mark stays on its line. */
function isSameLine(last: Segment, next: Segment): boolean {
  const larger = Math.max(last.size, next.size);
  return last.isUpright === next.isUpright && Math.abs(last.y - next.y) <= 0.45 * larger;
}

function gapBetween(last: Segment, next: Segment, isLeftward: boolean): number {
  return isLeftward ? last.x - (next.x + next.width) : next.x - (last.x + last.width);
}

function join(last: Segment, next: Segment, isApart: boolean): Segment {
  const needsSpace = isApart && !last.text.endsWith(' ') && !next.text.startsWith(' ');
  const x = Math.min(last.x, next.x);
  return {
    ...last,
    text: `${last.text}${needsSpace ? ' ' : ''}${next.text}`,
    x,
    y: next.size > last.size ? next.y : last.y,
    size: Math.max(last.size, next.size),
    width: Math.max(last.x + last.width, next.x + next.width) - x,
  };
}

function trimmed(segment: Segment): Segment {
  return { ...segment, text: segment.text.trim() };
}

/** The place of a segment as shares of its page. */
export function boxOf({ x, y, width, size }: Segment, page: PdfPage): Box {
  const share = (value: number, whole: number) =>
    Math.round(Math.min(1, Math.max(0, value / whole)) * 1e4) / 1e4;
  return {
    x: share(x, page.width),
    y: share(y - ASCENT * size, page.height),
    width: share(width, page.width),
    height: share(LINE_HEIGHT * size, page.height),
  };
}
