import { HASHING_DEFAULTS, hashText } from '../base/hashing.ts';
import type { MicroModelMode, MicroModelParts, MicroModelReport } from '../base/micro-model.ts';
import type { HeadScores } from '../base/mixture.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { BACKGROUND_SENTENCES } from './background.ts';
import { assignFolds } from './folds.ts';
import { type Heads, scoresOf, type TrainingRows, trainHeads } from './heads.ts';
import { type HeldOut, measureHeldOut } from './held-out.ts';
import { fitMixing } from './mixing.ts';
import { fitNovelty } from './novelty.ts';

export interface TrainingInput {
  readonly rows: readonly LabelledText[];
  /** Fingerprint of the examples, kept in the model. */
  readonly source: string;
  readonly seed: number;
  /** Vectors of the rows and of BACKGROUND_SENTENCES, in order; absent = n-grams alone. */
  readonly embedding?: {
    readonly embedder: string;
    readonly rows: readonly Float32Array[];
    readonly background: readonly Float32Array[];
  };
}

/** Folds; with many rows only the first is held out, since every fold costs a training. */
const FOLD_COUNT = 5;
const ROWS_FOR_ALL_FOLDS = 3000;
/** Foreign rows per fold; more do not move the threshold. */
const FOREIGN_ROWS = 1000;
/** Share of the background sentences, best fitting first, that may belong to a label. */
const BACKGROUND_TRIMMED = 0.2;

/**
 * Trains a micro-model: both heads on all rows; temperatures, weight and accuracy on folds that
 * the heads had not seen; the novelty rule on labels that were left out and background sentences.
 * The same input gives the same model. Throws RangeError for fewer than two labels.
 */
export function trainMicroModel(input: TrainingInput): MicroModelParts {
  const labels = [...new Set(input.rows.map((row) => row.label))].sort();
  if (labels.length < 2) {
    throw new RangeError(`a classifier needs at least two labels, found ${labels.length}`);
  }
  const rows = toTrainingRows(input, labels);
  const folds = assignFolds(rows.classes, FOLD_COUNT, input.seed);
  const used = input.rows.length <= ROWS_FOR_ALL_FOLDS ? FOLD_COUNT : 1;
  const background = backgroundOf(input);
  const heldOut: HeldOut = { scores: [], classes: [], known: [], foreign: [] };
  for (let fold = 0; fold < used; fold += 1) {
    scoreFold(heldOut, rows, folds, fold, input.seed);
    scoreForeign(heldOut, { rows, folds, fold, seed: input.seed, background });
  }
  const heads = trainHeads(rows, [...folds.keys()], input.seed);
  const ngramOnly = fitMode(withoutEmbedding(heldOut), input.rows.length);
  const base = {
    labels,
    source: input.source,
    hashing: HASHING_DEFAULTS,
    ngrams: heads.ngrams,
    ngramMode: ngramOnly.mode,
    ngramReport: ngramOnly.report,
  };
  if (heads.embedding === undefined || input.embedding === undefined) return base;
  const both = fitMode(heldOut, input.rows.length);
  return {
    ...base,
    embedding: { embedder: input.embedding.embedder, head: heads.embedding, ...both },
  };
}

function toTrainingRows(input: TrainingInput, labels: readonly string[]): TrainingRows {
  const places = new Map(labels.map((label, place) => [label, place]));
  return {
    classes: Int32Array.from(input.rows, (row) => places.get(row.label) ?? 0),
    classCount: labels.length,
    ngrams: input.rows.map((row) => hashText(row.text)),
    ...(input.embedding === undefined ? {} : { vectors: input.embedding.rows }),
  };
}

function backgroundOf(input: TrainingInput): ((heads: Heads) => HeadScores)[] {
  return BACKGROUND_SENTENCES.map((sentence, at) => {
    const ngrams = hashText(sentence);
    return (heads) => scoresOf(heads, ngrams, input.embedding?.background[at]);
  });
}

function scoreRow(heads: Heads, rows: TrainingRows, row: number): HeadScores {
  const ngrams = rows.ngrams[row];
  return ngrams === undefined
    ? { ngrams: new Float64Array(rows.classCount) }
    : scoresOf(heads, ngrams, rows.vectors?.[row]);
}

/** One fold scored by heads of the other folds. */
function scoreFold(
  heldOut: HeldOut,
  rows: TrainingRows,
  folds: Int32Array,
  fold: number,
  seed: number,
): void {
  const places = [...folds.keys()];
  const heads = trainHeads(
    rows,
    places.filter((row) => folds[row] !== fold),
    seed,
  );
  for (const row of places.filter((place) => folds[place] === fold)) {
    heldOut.scores.push(scoreRow(heads, rows, row));
    heldOut.classes.push(rows.classes[row] as number);
  }
}

/**
 * Every fifth label is left out of the training: its rows are foreign, and so is the background.
 * With two labels nothing can be left out and only the background is foreign.
 */
function scoreForeign(
  heldOut: HeldOut,
  given: {
    readonly rows: TrainingRows;
    readonly folds: Int32Array;
    readonly fold: number;
    readonly seed: number;
    readonly background: readonly ((heads: Heads) => HeadScores)[];
  },
): void {
  const { rows, folds, fold, seed } = given;
  const isLeftOut = (label: number) =>
    rows.classCount > 2 && label % Math.min(FOLD_COUNT, rows.classCount) === fold;
  const places = [...folds.keys()];
  const leftOut = (row: number) => isLeftOut(rows.classes[row] as number);
  const heads = trainHeads(
    rows,
    places.filter((row) => folds[row] !== fold && !leftOut(row)),
    seed,
  );
  for (const row of places) {
    if (folds[row] === fold && !leftOut(row)) heldOut.known.push(scoreRow(heads, rows, row));
  }
  for (const row of places.filter(leftOut).slice(0, FOREIGN_ROWS)) {
    heldOut.foreign.push(scoreRow(heads, rows, row));
  }
  const scored = given.background
    .map((score) => score(heads))
    .sort((left, right) => Math.max(...left.ngrams) - Math.max(...right.ngrams));
  heldOut.foreign.push(...scored.slice(0, Math.ceil(scored.length * (1 - BACKGROUND_TRIMMED))));
}

function withoutEmbedding(heldOut: HeldOut): HeldOut {
  const strip = (scores: readonly HeadScores[]) => scores.map(({ ngrams }) => ({ ngrams }));
  return {
    scores: strip(heldOut.scores),
    classes: heldOut.classes,
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
