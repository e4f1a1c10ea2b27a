import type { GradeScale } from '../base/grade-model.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf, rowKey } from './curated-rows.ts';

/** A text and its number. */
export interface GradedRow {
  readonly text: string;
  readonly grade: number;
}

const SAMPLES = 5;
/** Numbers of one text that lie further apart than this share of the scale contradict each other. */
const APART = 0.5;

/**
 * Every text once. One that several people gave numbers that lie near each other gets their mean; one
 * whose numbers lie more than half of the scale apart is left out, since nobody knows which is right.
 */
export function agreeingGrades(
  rows: readonly GradedRow[],
  { low, high }: GradeScale,
  leftOut: LeftOut[],
): readonly GradedRow[] {
  const known = new Map<string, { readonly text: string; readonly grades: number[] }>();
  for (const { text, grade } of rows) {
    const key = rowKey(text);
    const one = known.get(key);
    if (one === undefined) known.set(key, { text, grades: [grade] });
    else one.grades.push(grade);
  }
  const several = [...known.values()].filter((one) => new Set(one.grades).size > 1);
  const isApart = ({ grades }: { readonly grades: readonly number[] }) =>
    rangeOf(grades) > APART * (high - low);
  const told = (ones: typeof several) =>
    ones.slice(0, SAMPLES).map(({ text, grades }) => `${shortly(grades)}: “${lineOf(text)}”`);
  const apart = several.filter(isApart);
  const near = several.filter((one) => !isApart(one));
  const same = [...known.values()].filter((one) => new Set(one.grades).size === 1);
  leftOut.push(
    {
      reason: 'the same text with numbers that contradict each other',
      count: apart.reduce((sum, one) => sum + one.grades.length, 0),
      samples: told(apart),
    },
    {
      reason: 'the same text with another number: it counts once, with their mean',
      count: near.reduce((sum, one) => sum + one.grades.length - 1, 0),
      samples: told(near),
    },
    {
      reason: 'repeated',
      count: same.reduce((sum, one) => sum + one.grades.length - 1, 0),
      samples: [],
    },
  );
  return [...known.values()]
    .filter((one) => !isApart(one))
    .map(({ text, grades }) => ({ text, grade: meanOf(grades) }));
}

function rangeOf(grades: readonly number[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const grade of grades) {
    least = Math.min(least, grade);
    most = Math.max(most, grade);
  }
  return most - least;
}

function shortly(grades: readonly number[]): string {
  const shown = [...new Set(grades)].slice(0, SAMPLES);
  return `${shown.join(' and ')}${shown.length < new Set(grades).size ? ' …' : ''}`;
}

function meanOf(grades: readonly number[]): number {
  return Number((grades.reduce((sum, one) => sum + one, 0) / grades.length).toPrecision(12));
}
