import { fitLogistic } from '../../src/base/logistic.ts';
import {
  type AnswerabilitySign,
  type AnswerabilityWeights,
  answerabilityValues,
  MISSABLE,
} from '../../src/verify/answerability.ts';
import { isDeclined } from '../../src/verify/citation-marks.ts';
import type { SignedRow } from './declining-replay.ts';

/** On every weight but the offset: one pseudo-row per sign. */
const PENALTY = 1;

/** Logistic weights for each choice of known signs, on the rows that were answered. */
export function fitAnswerability(all: readonly SignedRow[]): readonly AnswerabilityWeights[] {
  const rows = all.filter(({ row }) => !isDeclined(row.text));
  return Array.from({ length: 2 ** MISSABLE.length }, (_, choice) => {
    const known = MISSABLE.filter((_sign, place) => (choice & (1 << place)) === 0);
    return fitCase(rows, [...known, 'support', 'share']);
  });
}

function fitCase(
  rows: readonly SignedRow[],
  signs: readonly AnswerabilitySign[],
): AnswerabilityWeights {
  const values = rows.flatMap((row) => {
    const scaled = answerabilityValues(row.signs);
    return signs.map((sign) => scaled[sign]);
  });
  const shares = rows.map((row) => (row.isRight ? 1 : 0));
  const { weights, offset } = fitLogistic(
    Float64Array.from(values),
    signs.length,
    { shares },
    PENALTY,
  );
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const named = signs.map((sign, place) => [sign, rounded(weights[place] ?? 0)] as const);
  return { offset: rounded(offset), ...Object.fromEntries(named) };
}
