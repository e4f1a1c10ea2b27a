import { probabilitiesAt } from '../base/calibration.ts';
import { type ConfidentReport, learnConfidently } from '../base/confident-learning.ts';
import { hashText } from '../base/hashing.ts';
import { type HeadScores, labelsOf, mixedLogs } from '../base/mixture.ts';
import { assignFolds } from './folds.ts';
import { scoresOf, type TrainingRows, trainHeads } from './heads.ts';
import { fitMixing } from './mixing.ts';
import { MICRO_MODEL_HASHING } from './training-set.ts';

export interface NoiseInput {
  readonly texts: readonly string[];
  readonly classes: Int32Array;
  readonly labelCount: number;
  readonly seed: number;
  /** Unit vectors of the texts; absent = n-grams alone. */
  readonly vectors?: readonly Float32Array[];
}

const FOLDS = 5;

/**
 * Rows whose label is probably wrong, by heads that had not seen them (five folds). Yields the folds
 * that are done; the same input gives the same report.
 */
export function* findLabelNoise(input: NoiseInput): Generator<number, ConfidentReport & OutOfFold> {
  const outOfFold = yield* scoreOutOfFold(input);
  return { ...learnConfidently({ ...input, given: input.classes, ...outOfFold }), ...outOfFold };
}

export interface OutOfFold {
  /** Row after row, one per label. */
  readonly probabilities: Float32Array;
}

function* scoreOutOfFold(input: NoiseInput): Generator<number, OutOfFold> {
  const { classes, labelCount, seed, vectors } = input;
  // The heads have one class more, for texts that belong to none; it stays empty here.
  const rows: TrainingRows = {
    classes,
    classCount: labelCount + 1,
    nameCount: 0,
    ngrams: input.texts.map((text) => hashText(text, MICRO_MODEL_HASHING)),
    ...(vectors === undefined ? {} : { vectors }),
  };
  const folds = assignFolds(classes, FOLDS, seed);
  const places = [...folds.keys()];
  const scores: HeadScores[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const heads = trainHeads(
      rows,
      places.filter((row) => folds[row] !== fold),
      seed,
    );
    for (const row of places.filter((place) => folds[place] === fold))
      scores[row] = scoresOf(heads, rows.ngrams[row] ?? hashText(''), vectors?.[row]);
    yield fold + 1;
  }
  return { probabilities: mixed(scores, classes, labelCount, places.length) };
}

function mixed(
  scores: readonly HeadScores[],
  classes: Int32Array,
  labelCount: number,
  rowCount: number,
): Float32Array {
  const mixing = fitMixing(scores, classes);
  const probabilities = new Float32Array(rowCount * labelCount);
  scores.forEach((row, at) => {
    const logs = labelsOf(mixedLogs(row, mixing, 1));
    probabilities.set(probabilitiesAt(logs, mixing.temperature), at * labelCount);
  });
  return probabilities;
}
