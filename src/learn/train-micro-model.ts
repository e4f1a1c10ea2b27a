import type { MicroModelMode, MicroModelParts, MicroModelReport } from '../base/micro-model.ts';
import type { HeadScores } from '../base/mixture.ts';
import { assignFolds } from './folds.ts';
import { type Heads, scoresOf, type TrainingRows, trainHeads } from './heads.ts';
import { type HeldOut, measureHeldOut } from './held-out.ts';
import { fitMixing } from './mixing.ts';
import { fitNovelty } from './novelty.ts';
import {
  labelsOf,
  MICRO_MODEL_HASHING,
  type TrainingInput,
  toTrainingSet,
} from './training-set.ts';

/** Folds; with many rows only the first is held out, since every fold costs two trainings. */
const FOLD_COUNT = 5;
const ROWS_FOR_ALL_FOLDS = 3000;
/** Rows of left-out labels per fold; more do not move the threshold. */
const FOREIGN_ROWS = 1000;

/**
 * Trains a micro-model: both heads on all rows; temperatures, weight and accuracy on folds that
 * the heads had not seen; the novelty rule on labels that were left out and on background
 * sentences of the held-out fold. The same input gives the same model. Throws RangeError for fewer
 * than two labels.
 */
export function trainMicroModel(input: TrainingInput): MicroModelParts {
  return trainMeasured(input).parts;
}

/** As `trainMicroModel`, with the scores of the rows that its measure is made of. */
export function trainMeasured(input: TrainingInput): {
  readonly parts: MicroModelParts;
  readonly heldOut: HeldOut;
} {
  const labels = labelsOf(input.rows);
  if (labels.length < 2) {
    throw new RangeError(`a classifier needs at least two labels, found ${labels.length}`);
  }
  const rows = toTrainingSet(input, labels);
  const folds = assignFolds(rows.classes, FOLD_COUNT, input.seed);
  // In no fold: always taught.
  folds.fill(-1, folds.length - rows.nameCount);
  const used = input.rows.length <= ROWS_FOR_ALL_FOLDS ? FOLD_COUNT : 1;
  const heldOut: HeldOut = { scores: [], classes: [], places: [], known: [], foreign: [] };
  for (let fold = 0; fold < used; fold += 1) {
    scoreFold(heldOut, { rows, folds, fold, seed: input.seed });
    scoreForeign(heldOut, { rows, folds, fold, seed: input.seed });
  }
  const heads = trainHeads(rows, [...folds.keys()], input.seed);
  const alone = fitMode(withoutEmbedding(heldOut), input.rows.length);
  const base = {
    labels,
    source: input.source,
    hashing: MICRO_MODEL_HASHING,
    ngrams: heads.ngrams,
    ngramMode: alone.mode,
    ngramReport: alone.report,
  };
  if (heads.embedding === undefined || input.embedding === undefined)
    return { parts: base, heldOut };
  const both = fitMode(heldOut, input.rows.length);
  const { embedder } = input.embedding;
  return { parts: { ...base, embedding: { embedder, head: heads.embedding, ...both } }, heldOut };
}

interface FoldInput {
  readonly rows: TrainingRows;
  readonly folds: Int32Array;
  readonly fold: number;
  readonly seed: number;
}

/** The labelled rows of one fold, scored by heads of the other folds. */
function scoreFold(heldOut: HeldOut, { rows, folds, fold, seed }: FoldInput): void {
  const places = [...folds.keys()];
  const heads = trainHeads(
    rows,
    places.filter((row) => folds[row] !== fold),
    seed,
  );
  for (const row of places.filter((place) => folds[place] === fold)) {
    if (isBackground(rows, row)) continue;
    heldOut.scores.push(scoreRow(heads, rows, row));
    heldOut.classes.push(rows.classes[row] as number);
    heldOut.places.push(row);
  }
}

/**
 * Every fifth label is left out of the training: its rows are foreign, and so is the background of
 * the fold. With two labels nothing can be left out and only the background is foreign.
 */
function scoreForeign(heldOut: HeldOut, { rows, folds, fold, seed }: FoldInput): void {
  const labelCount = rows.classCount - 1;
  const leftOut = (row: number) =>
    labelCount > 2 &&
    !isBackground(rows, row) &&
    (rows.classes[row] as number) % Math.min(FOLD_COUNT, labelCount) === fold;
  const places = [...folds.keys()];
  const heads = trainHeads(
    rows,
    places.filter((row) => folds[row] !== fold && !leftOut(row)),
    seed,
  );
  for (const row of places.filter((place) => folds[place] === fold && !leftOut(place))) {
    const side = isBackground(rows, row) ? heldOut.foreign : heldOut.known;
    side.push(scoreRow(heads, rows, row));
  }
  for (const row of places
    .filter((row) => leftOut(row) && folds[row] !== -1)
    .slice(0, FOREIGN_ROWS)) {
    heldOut.foreign.push(scoreRow(heads, rows, row));
  }
}

function isBackground(rows: TrainingRows, row: number): boolean {
  return rows.classes[row] === rows.classCount - 1;
}

function scoreRow(heads: Heads, rows: TrainingRows, row: number): HeadScores {
  const ngrams = rows.ngrams[row];
  return ngrams === undefined
    ? { ngrams: new Float64Array(rows.classCount) }
    : scoresOf(heads, ngrams, rows.vectors?.[row]);
}

function withoutEmbedding(heldOut: HeldOut): HeldOut {
  const strip = (scores: readonly HeadScores[]) => scores.map(({ ngrams }) => ({ ngrams }));
  return {
    scores: strip(heldOut.scores),
    classes: heldOut.classes,
    places: heldOut.places,
    known: strip(heldOut.known),
    foreign: strip(heldOut.foreign),
  };
}

function fitMode(
  heldOut: HeldOut,
  rowCount: number,
): { readonly mode: MicroModelMode; readonly report: MicroModelReport } {
  const mixing = fitMixing(heldOut.scores, Int32Array.from(heldOut.classes));
  const { rule, area } = fitNovelty(heldOut, mixing);
  const mode = { mixing, novelty: rule };
  return { mode, report: { rowCount, noveltyArea: area, ...measureHeldOut(heldOut, mode) } };
}
