import { groundedRows } from './live-documents.ts';
import { extractionRows } from './live-extraction.ts';
import { rewritingRows } from './live-rewriting.ts';
import type { LiveRow } from './live-row.ts';
import { fitRows, liveMix } from './live-rows.ts';

/** Seed of the development rows; other draws than those of `gate-live`. */
const SEED = '20261129';
const COUNTS = { extraction: 96, rewriting: 100 } as const;

/** Who answers each kind of job cheaply, and who stands behind it: spokes of the starter farm. */
export const PAIRS: Readonly<Record<string, readonly [cheap: string, reference: string]>> = {
  extract: ['extract', 'extract-large'],
  rewrite: ['middle', 'editor'],
  reading: ['reader', 'reader-large'],
};

/**
 * Jobs on a given text, for fitting and measuring the answer checker. None is a row of `gate-live`:
 * throws where one is.
 */
export function cascadeRows(): LiveRow[] {
  const slices = [
    extractionRows(COUNTS.extraction, SEED),
    rewritingRows(COUNTS.rewriting, SEED),
    groundedRows(),
  ];
  const rows = slices
    .flatMap((part) => part.map((row, at) => ({ row, order: (at + 0.5) / part.length })))
    .sort((left, right) => left.order - right.order)
    .map(({ row }) => ({ ...row, id: `cascade-${row.id}` }));
  const evaluated = new Set(liveMix().rows.map((row) => row.prompt));
  const fitted = new Set(fitRows().map((row) => row.prompt));
  for (const row of rows)
    if (evaluated.has(row.prompt)) throw new Error(`${row.id} is a row of the evaluation`);
  const seen = new Set<string>();
  return rows.filter((row) => {
    if (fitted.has(row.prompt) && row.slice !== 'grounded') return false;
    if (seen.has(row.prompt)) return false;
    seen.add(row.prompt);
    return true;
  });
}
