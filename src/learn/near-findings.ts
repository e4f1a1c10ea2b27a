import type { DataFinding, DataSample } from '../core/data-report.ts';
import { findingOf, Samples, sampleOf } from './data-rules.ts';
import type { NearPair, NearRows } from './near-rows.ts';
import type { RowTable } from './row-table.ts';

/** What repeated and nearly repeated texts say about the set. */
export function nearFindings(table: RowTable, near: NearRows): DataFinding[] {
  return [...sameText(table, near), ...contradictions(table, near), ...repetitions(table, near)];
}

function sameText(table: RowTable, near: NearRows): DataFinding[] {
  if (table.length < 2) return [];
  for (let row = 1; row < table.length; row += 1)
    if (!near.earlier(row).some((pair) => pair.similarity === 1)) return [];
  return [
    {
      rule: 'same-text',
      severity: 'error',
      count: table.length,
      message: 'all rows have the same text',
      remedy: 'Is the right column the text? Nothing can be learnt from one text.',
      samples: [sampleOf(table, 0)],
    },
  ];
}

function contradictions(table: RowTable, near: NearRows): DataFinding[] {
  const [same, nearly] = [new Samples(), new Samples()];
  for (const pair of near.conflicts)
    (pair.similarity === 1 ? same : nearly).add(pairSample(table, pair));
  return [
    ...findingOf(
      {
        rule: 'contradictory-labels',
        severity: 'error',
        message: 'the same text under two labels',
        remedy: 'Decide for one label; training leaves these texts out.',
      },
      same,
    ),
    ...findingOf(
      {
        rule: 'nearly-contradictory-labels',
        severity: 'warning',
        message: 'nearly the same text under two labels',
        remedy:
          'Look at them side by side: one is mislabelled, or the labels need a clearer border.',
      },
      nearly,
    ),
  ];
}

function repetitions(table: RowTable, near: NearRows): DataFinding[] {
  const samples = new Samples();
  let same = 0;
  near.leaders.forEach((leader, row) => {
    if (leader === row) return;
    const similarity = near.similarities[row] ?? 1;
    if (similarity === 1) same += 1;
    samples.add(pairSample(table, { row, other: leader, similarity }));
  });
  return findingOf(
    {
      rule: 'near-duplicates',
      severity: samples.count > table.length / 20 ? 'warning' : 'note',
      message: `rows that repeat another of their label, ${same} of them word for word`,
      remedy:
        '`cadre data dedup` keeps one of each; `cadre data split` keeps them on one side, so that no test measures memory.',
    },
    samples,
  );
}

export function pairSample(table: RowTable, { row, other, similarity }: NearPair): DataSample {
  return {
    ...sampleOf(table, row),
    otherLine: table.lineOf(other),
    otherLabel: table.labelOf(other),
    similarity: Number(similarity.toFixed(3)),
  };
}
