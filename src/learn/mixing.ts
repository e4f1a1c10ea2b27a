import { fitTemperature, probabilitiesAt } from '../base/calibration.ts';
import { type HeadScores, labelsOf, type Mixing, mixedLogs } from '../base/mixture.ts';

/** Rows that the weight is chosen on; more change the third decimal and cost seconds. */
const ROWS_READ = 2000;
const WEIGHT_STEPS = 10;

/**
 * Temperatures of the heads, then the weight of the embedding head (0, 0.1 … 1) with the least
 * held-out loss, then the temperature of the mixture. `scores` are of rows that the heads have not
 * seen. Without embedding scores the weight is 0.
 */
export function fitMixing(scores: readonly HeadScores[], classes: Int32Array): Mixing {
  const read = scores.slice(0, ROWS_READ);
  const wanted = classes.slice(0, ROWS_READ);
  const embedding = read.flatMap((row) => (row.embedding ? [labelsOf(row.embedding)] : []));
  const alone: Mixing = {
    weight: 0,
    ngramTemperature: fitTemperature(
      read.map((row) => labelsOf(row.ngrams)),
      wanted,
    ),
    embeddingTemperature: embedding.length === 0 ? 1 : fitTemperature(embedding, wanted),
    temperature: 1,
  };
  if (embedding.length < read.length || read.length === 0) return alone;
  let best = alone;
  let bestLoss = Number.POSITIVE_INFINITY;
  for (let step = 0; step <= WEIGHT_STEPS; step += 1) {
    const mixing = { ...alone, weight: step / WEIGHT_STEPS };
    const mixed = read.map((row) => labelsOf(mixedLogs(row, mixing, 1)));
    const temperature = fitTemperature(mixed, wanted);
    const loss = lossOf(mixed, wanted, temperature);
    if (loss < bestLoss) {
      bestLoss = loss;
      best = { ...mixing, temperature };
    }
  }
  return best;
}

function lossOf(mixed: readonly Float64Array[], classes: Int32Array, temperature: number): number {
  let total = 0;
  mixed.forEach((row, at) => {
    const probability = probabilitiesAt(row, temperature)[classes[at] as number] as number;
    total -= Math.log(Math.max(probability, 1e-12));
  });
  return total;
}
