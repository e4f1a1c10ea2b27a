import { findNearRows, type NearRows } from '../../src/learn/near-rows.ts';
import { RowTable } from '../../src/learn/row-table.ts';

/** A table of [text, label] rows that begin in line 2. */
export function tableOf(rows: readonly (readonly [string, string])[]): RowTable {
  const table = new RowTable();
  rows.forEach(([text, label], at) => {
    table.add({ line: at + 2, raw: `${text},${label}`, text, label, fieldOf: () => undefined });
  });
  return table;
}

export function nearOf(table: RowTable, least?: number): NearRows {
  const work = findNearRows(table, least);
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

const NOUNS = ['card', 'account', 'transfer', 'refund', 'balance', 'statement', 'loan', 'rate'];
const VERBS = ['open', 'close', 'change', 'find', 'cancel', 'explain', 'repeat', 'check'];
const ENDS = [
  'today',
  'from abroad',
  'without my phone',
  'for my mother',
  'before monday',
  'twice',
];

/** 384 different short texts, labelled by their noun. */
export function plainRows(): [string, string][] {
  return NOUNS.flatMap((noun) =>
    VERBS.flatMap((verb) =>
      ENDS.map((end): [string, string] => [`how can I ${verb} the ${noun} ${end}`, noun]),
    ),
  );
}
