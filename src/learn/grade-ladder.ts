import { type GradeModel, gradeText, onScale, writeGradeModel } from '../base/grade-model.ts';
import { hashText } from '../base/hashing.ts';
import { bootstrapMean } from '../base/statistics.ts';
import type { RungReport } from '../core/specialist.ts';
import { type Climbed, climbRungs } from './climb.ts';
import type { GradedRow } from './grade-agreement.ts';
import { type BlendedHeads, blendHeads, type FoldedHead, foldedHead } from './grade-folds.ts';
import { embeddingHead, ngramHead } from './grade-heads.ts';
import { fitSureness, surenessByOthers } from './grade-sureness.ts';
import type { GradedRows } from './graded-rows.ts';
import { errorOf, isNear, type JudgedGrade } from './judged-grades.ts';
import { embedAll, type LadderEmbedder } from './ladder.ts';
import { foldsOfGroups, nearGroups } from './near-folds.ts';
import { rightShare } from './right-share.ts';
import { MICRO_MODEL_HASHING } from './training-set.ts';

export interface GradeRung {
  readonly report: RungReport;
  readonly model: GradeModel;
  readonly heldOut: readonly JudgedGrade[];
}

interface GradeLadder {
  readonly data: GradedRows;
  readonly folds: GradeFolds;
  readonly tolerance: number;
  readonly seed: number;
  readonly source: string;
  readonly target?: number;
  readonly embedder?: LadderEmbedder;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
  readonly onRung: (rung: RungReport) => void;
}

/** A fold of each row. */
export interface GradeFolds {
  readonly of: Int32Array;
  /** What a person should know of them. */
  readonly warnings: readonly string[];
}

const FOLDS = 5;
const TIMED_ROWS = 200;

/**
 * Near-duplicates are in one fold, so that nothing is measured on what was nearly taught; where a group of
 * them is too large for one, each row has a fold of its own turn.
 */
export function gradeFolds(rows: readonly GradedRow[], seed: number): GradeFolds {
  const groups = nearGroups(rows);
  const largest = largestOf(groups) / rows.length;
  if (largest <= 1 / FOLDS) return { of: foldsOfGroups(groups, FOLDS, seed), warnings: [] };
  const share = Math.round(100 * largest);
  return {
    of: groups.map((_, at) => at % FOLDS),
    warnings: [
      `${share} % of the texts nearly repeat each other: figures on rows that were held out may be too good; measure on a file of its own with --test`,
    ],
  };
}

function largestOf(groups: Int32Array): number {
  const sizes = new Int32Array(groups.length);
  for (const first of groups) sizes[first] = (sizes[first] as number) + 1;
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}

/**
 * N-grams; the text's vector; both. Each is measured on folds that it was not fitted to and that
 * near-duplicates do not cross. A dearer one must be nearer by more than chance.
 */
export function climbGrades(input: GradeLadder): Promise<Climbed<GradeRung>> {
  const {
    data,
    seed,
    embedder,
    target,
    onRung,
    folds: { of: folds },
  } = input;
  const { low, high } = data.scale;
  const values = Float64Array.from(data.rows, (row) => (row.grade - low) / (high - low));
  const texts = data.rows.map((row) => hashText(row.text, MICRO_MODEL_HASHING));
  const ngrams = foldedHead(ngramHead(texts, values), folds, FOLDS, values);
  const alone = blendHeads(ngrams, undefined, values);
  const vectorsOf = async (from: LadderEmbedder): Promise<DenseRung> => {
    const embedded = await embedAll(
      data.rows.map((row) => row.text),
      from,
    );
    const head = foldedHead(embeddingHead(embedded.vectors, values), folds, FOLDS, values);
    return { ...embedded, head, embedder: from.id };
  };
  let known: Promise<DenseRung> | undefined;
  const withVectors = (rung: string, from: LadderEmbedder, weight?: number) => async () => {
    known ??= vectorsOf(from);
    const dense = await known;
    const blend = blendHeads(ngrams, dense.head, values, weight);
    return rungOf(rung, input, { ngrams, alone, dense: { ...dense, blend } });
  };
  return climbRungs<GradeRung>(
    [
      () => rungOf('n-grams', input, { ngrams, alone }),
      ...(embedder === undefined
        ? []
        : [withVectors('embedding', embedder, 1), withVectors('ensemble', embedder)]),
    ],
    {
      isPreferred: (dearer, best) => isNearer(dearer.heldOut, best.heldOut, seed),
      rule: 'the best, where a dearer one must be nearer by more than chance',
    },
    { onRung, ...(target !== undefined && { target }) },
  );
}

interface DenseRung {
  readonly embedder: string;
  readonly head: FoldedHead;
  readonly vectors: readonly Float32Array[];
  /** CPU milliseconds of the vector of one text. */
  readonly textMs: number;
}

interface RungHeads {
  readonly ngrams: FoldedHead;
  /** The n-grams by themselves. */
  readonly alone: BlendedHeads;
  readonly dense?: DenseRung & { readonly blend: BlendedHeads };
}

function rungOf(
  rung: string,
  { data, tolerance, source, cpuMs }: GradeLadder,
  { ngrams, alone, dense }: RungHeads,
): GradeRung {
  const measured = ({ unseen: { rows, values } }: BlendedHeads) =>
    rows.flatMap((at, place) => {
      const row = data.rows[at];
      if (row === undefined) return [];
      const value = onScale(values[place] as number, data.scale);
      return [{ row, value, isRight: isNear({ row, value }, tolerance) }];
    });
  const plain = measured(alone);
  const own = dense === undefined ? plain : measured(dense.blend);
  const model: GradeModel = {
    ...{ scale: data.scale, tolerance, source, hashing: MICRO_MODEL_HASHING },
    ngrams: ngrams.whole.model,
    ...(alone.curve && { curve: alone.curve }),
    sureness: fitSureness(plain),
    ...(dense && {
      embedding: {
        embedder: dense.embedder,
        head: dense.head.whole.model,
        weight: dense.blend.weight,
        ...(dense.blend.curve && { curve: dense.blend.curve }),
        sureness: fitSureness(own),
      },
    }),
  };
  const sureness = surenessByOthers(own);
  return {
    model,
    heldOut: own.map((one, at) => ({ ...one, confidence: sureness[at] ?? 0 })),
    report: {
      rung,
      ...rightShare(own.filter((one) => one.isRight).length, own.length),
      bytes: writeGradeModel(model).length,
      msPerRequest: requestCost(model, data.rows, dense, cpuMs),
    },
  };
}

/** Of the same rows in the same order: paired bootstrap of the absolute errors, 95 %. */
function isNearer(
  dearer: readonly JudgedGrade[],
  best: readonly JudgedGrade[],
  seed: number,
): boolean {
  const gains = best.flatMap((one, at) => {
    const other = dearer[at];
    return other === undefined ? [] : [errorOf(one) - errorOf(other)];
  });
  return bootstrapMean(gains, { seed }).low > 0;
}

/** CPU milliseconds of one text, with its vector where the model reads it. */
function requestCost(
  model: GradeModel,
  rows: readonly GradedRow[],
  dense: DenseRung | undefined,
  cpuMs: () => number,
): number {
  const timed = rows.slice(0, TIMED_ROWS);
  const started = cpuMs();
  timed.forEach((row, at) => {
    gradeText(model, row.text, dense?.vectors[at]);
  });
  return (cpuMs() - started) / timed.length + (dense?.textMs ?? 0);
}
