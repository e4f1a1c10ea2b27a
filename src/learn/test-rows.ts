import type { LabelledText } from '../base/ngram-classifier.ts';
import { CadreError } from '../core/errors.ts';
import { rowKey } from './curated-rows.ts';
import type { LabelledRows } from './labelled-rows.ts';

/** Rows of a test set; more take minutes and change nothing. */
const ROWS_MOST = 20_000;

/**
 * The rows of a test set that may measure: those that the training data hold too would measure memory,
 * those that repeat others would make chance look like proof. Both are left out, and said. Throws `invalid_request` when none is left, or none has a label that is
 * learnt.
 */
export function testRows(
  name: string,
  { rows, broken }: LabelledRows,
  labels: readonly string[],
  isTaught: (text: string) => boolean,
): { readonly rows: readonly LabelledText[]; readonly warnings: readonly string[] } {
  const foreign = rows.filter((row) => !isTaught(row.text));
  const unseen = once(foreign);
  if (unseen.length === 0)
    throw new CadreError(
      'invalid_request',
      `${name} has no row that the training data do not hold too; measure on other rows`,
      { param: 'test' },
    );
  const known = new Set(labels);
  const others = unseen.filter((row) => !known.has(row.label));
  if (others.length === unseen.length)
    throw new CadreError(
      'invalid_request',
      `${name} has none of the labels of the training data: it has “${others[0]?.label}” …, they have “${labels[0]}” …`,
      { param: 'test' },
    );
  const warnings: string[] = [];
  if (others.length > 0)
    warnings.push(
      `${others.length} test rows have labels that are not learnt, e.g. “${others[0]?.label}”; they count as other texts`,
    );
  const repeated = foreign.length - unseen.length;
  if (repeated > 0) warnings.push(`${repeated} test rows repeat others and measure nothing more`);
  const leaked = rows.length - foreign.length;
  if (leaked > 0)
    warnings.push(`${leaked} test rows stand in the training data too and measure nothing`);
  if (unseen.length > ROWS_MOST)
    warnings.push(`of ${unseen.length} test rows the first ${ROWS_MOST} are used`);
  for (const [reason, lines] of broken)
    warnings.push(`${lines.length} test rows have ${reason} (row ${lines[0]})`);
  return { rows: unseen.slice(0, ROWS_MOST), warnings };
}

/** Each text with each of its labels once. */
function once(rows: readonly LabelledText[]): LabelledText[] {
  const seen = new Set<string>();
  return rows.filter(({ text, label }) => {
    const key = `${label}\n${rowKey(text)}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
