import { fitLogistic } from '../../src/base/logistic.ts';
import {
  type AnswerabilityFit,
  type AnswerabilitySign,
  type AnswerabilityWeights,
  answerabilityValues,
} from '../../src/verify/answerability.ts';
import { isDeclined } from '../../src/verify/citation-marks.ts';
import type { SignedRow } from './declining-replay.ts';

/** On every weight but the offset: one pseudo-row per sign. */
const PENALTY = 1;

/** Logistic weights with the reading and without it, on the rows that were answered. */
export function fitAnswerability(all: readonly SignedRow[]): AnswerabilityFit {
  const rows = all.filter(({ row }) => !isDeclined(row.text));
  return {
    read: fitCase(rows, ['reading', 'support', 'share', 'missing']),
    unread: fitCase(rows, ['support', 'share', 'missing']),
  };
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
