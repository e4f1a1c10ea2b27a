import { learnConfidently } from '../base/confident-learning.ts';
import { judge } from '../base/mixture.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { lineOf } from './curated-rows.ts';
import type { Climb } from './ladder.ts';
import { nearTexts } from './near-rows.ts';

/** Probability of its own label below which a row is told. */
const DOUBT = 0.05;
const SHOWN = 3;
const MORE = '`cadre data lint` lists them';

/** What like texts say about rows that are to be learnt, in words. */
export function nearWarnings(rows: readonly LabelledText[]): string[] {
  const { table, near } = nearTexts(rows);
  const repeated = near.leaders.filter((leader, row) => leader !== row).length;
  const [first] = near.conflicts;
  const warnings =
    repeated === 0
      ? []
      : [
          `${repeated} rows are nearly the same as another of their label; \`cadre data dedup\` keeps one of each`,
        ];
  if (first === undefined) return warnings;
  const shown = [first.row, first.other].map(
    (row) => `“${lineOf(table.textOf(row))}” (${lineOf(table.labelOf(row))})`,
  );
  return [
    ...warnings,
    `${near.conflictCount} nearly the same texts stand under two labels, e.g. ${shown.join(' and ')}; ${MORE}`,
  ];
}

/** Rows that were held out and whose label the others contradict, in words. */
export function noiseWarnings(
  { model, heldOut }: Pick<Climb, 'model' | 'heldOut'>,
  rows: readonly LabelledText[],
): string[] {
  const { labels } = model;
  const mode = model.embedding?.mode ?? model.ngramMode;
  const probabilities = new Float32Array(heldOut.scores.length * labels.length);
  heldOut.scores.forEach((scores, at) => {
    const own = judge(scores, mode.mixing, mode.novelty).probabilities;
    probabilities.set(own, at * labels.length);
  });
  const given = Int32Array.from(heldOut.classes);
  const { issues } = learnConfidently({ probabilities, given, labelCount: labels.length });
  const doubted = issues.filter((issue) => issue.probability < DOUBT);
  if (doubted.length === 0) return [];
  const shown = doubted.slice(0, SHOWN).map(({ row, given: own, suggested }) => {
    const text = rows[heldOut.places[row] ?? -1]?.text ?? '';
    return `“${lineOf(text)}” (${lineOf(labels[own] ?? '')}, probably ${lineOf(labels[suggested] ?? '')})`;
  });
  return [
    `${doubted.length} of ${given.length} held-out rows may have a wrong label, e.g. ${shown.join(', ')}; ${MORE}`,
  ];
}
