import type { PdfPage, Row } from './pdf-items.ts';

/** Shares of a page's height at its top and bottom where running heads and feet stand. */
const EDGE = 0.12;
const LEAST_PAGES = 3;
const LEAST_SHARE = 0.25;
const NUMBER_ALONE = '#';
const PAGE_NUMBER =
  /^[-–—|\s]*(?:page|p\.|seite|página|стр\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|von|\/|de)\s*\d{1,4})?[-–—|\s]*$/i;

export interface PageRows {
  readonly page: PdfPage;
  readonly rows: readonly Row[];
}

/**
 * Leaves out running heads and feet: rows near an edge that say the same, numbers aside, at the
 * same height of at least three pages and a quarter of all, and page numbers of at least three.
 */
export function withoutRunning(pages: readonly PageRows[]): PageRows[] {
  const counts = new Map<string, number>();
  for (const { page, rows } of pages)
    for (const key of new Set(rows.flatMap((row) => keyOf(row, page) ?? [])))
      counts.set(key, (counts.get(key) ?? 0) + 1);
  const least = Math.max(LEAST_PAGES, pages.length * LEAST_SHARE);
  return pages.map(({ page, rows }) => ({
    page,
    rows: rows.filter((row) => {
      const key = keyOf(row, page);
      if (key === undefined) return true;
      return (counts.get(key) ?? 0) < (key === NUMBER_ALONE ? LEAST_PAGES : least);
    }),
  }));
}

/** Undefined when the row is not near an edge. */
function keyOf(row: Row, page: PdfPage): string | undefined {
  const first = row[0];
  if (first === undefined) return undefined;
  const share = first.y / page.height;
  if (share > EDGE && share < 1 - EDGE) return undefined;
  const text = row.map((segment) => segment.text).join(' ');
  if (PAGE_NUMBER.test(text)) return NUMBER_ALONE;
  return `${Math.round(first.y / 3)} ${text.replace(/\d+/g, '#')}`;
}
