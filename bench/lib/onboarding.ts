import { shuffledIndices } from '../../src/base/random.ts';
import { readText } from '../../src/base/text-reading.ts';
import type { DatasetRow } from '../../src/gate/success/dataset.ts';
import { fitSuccess } from '../../src/gate/success/fit.ts';
import { gradedOf } from '../../src/gate/success/held-out-scores.ts';
import { onboardModel } from '../../src/gate/success/onboard.ts';
import {
  bestModel,
  estimateSuccess,
  type SuccessModel,
} from '../../src/gate/success/success-model.ts';

/** What each held-out row got, by who was known. */
export interface Onboarded {
  readonly model: string;
  readonly without: readonly number[];
  /** By rows that the model was graded on: mean over the draws. */
  readonly joined: Readonly<Record<number, readonly number[]>>;
}

const DRAWS = 5;

/** Scores of the held-out rows when the gate chooses. */
export function scoresOf(
  gate: SuccessModel,
  held: readonly DatasetRow[],
  models: readonly string[],
): number[] {
  const places = gate.models.map((id) => models.indexOf(id));
  return held.map((row) => {
    const choice = bestModel(gate, estimateSuccess(gate, readText(row.prompt)));
    return row.scores[places[choice] ?? -1] ?? Number.NaN;
  });
}

/** The gate is fitted without the model at `place`, which then joins by so many of its grades alone. */
export function onboardEach(
  place: number,
  parts: {
    readonly models: readonly string[];
    readonly training: readonly DatasetRow[];
    readonly held: readonly DatasetRow[];
    readonly counts: readonly number[];
    readonly seed: number;
  },
): Onboarded {
  const { models, training, held, counts, seed } = parts;
  const model = models[place] ?? '';
  const others = models.filter((id) => id !== model);
  const less = training.map((row) => ({
    ...row,
    scores: row.scores.filter((_, at) => at !== place),
  }));
  const readings = training.map((row) => readText(row.prompt));
  const gate = fitSuccess(gradedOf(others, less, readings), { seed });
  const joined = counts.map((count) => {
    const sums = new Float64Array(held.length);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const rows = [...shuffledIndices(training.length, seed + draw)]
        .slice(0, count)
        .flatMap((row) => {
          const reading = readings[row];
          const score = training[row]?.scores[place];
          const known = less[row]?.scores ?? [];
          return reading === undefined || score === undefined
            ? []
            : [{ reading, score, others: known }];
        });
      scoresOf(onboardModel(gate, model, rows), held, models).forEach((score, at) => {
        sums[at] = (sums[at] as number) + score / DRAWS;
      });
    }
    return [count, [...sums]] as const;
  });
  return { model, without: scoresOf(gate, held, models), joined: Object.fromEntries(joined) };
}
