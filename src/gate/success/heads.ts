import { fitDense } from '../../base/dense-fit.ts';
import { addDense, applyDense, type DenseLinear } from '../../base/dense-ridge.ts';
import {
  applyFourier,
  type FourierMap,
  fitShapeScale,
  makeFourierMap,
  type ShapeScale,
  scaleShape,
  type Unlikeness,
} from '../../base/shape-space.ts';
import { softmaxInPlace } from '../../base/softmax.ts';
import {
  buildVocabulary,
  type Vocabulary,
  type WeighedText,
  weighRows,
  weighText,
} from '../../base/sparse-matrix.ts';
import { fitSparseRidge, targetMeans } from '../../base/sparse-ridge.ts';
import { READING_BITS, type TextReading } from '../../base/text-reading.ts';
import { type ColumnWeights, quantiseColumns, sumColumns } from './column-weights.ts';
import { type GradedRows, targetsOf } from './rows.ts';
import {
  copyForm,
  extraFeatures,
  FOURIER_SIZE,
  INNER_SIZE,
  innerFeatures,
  shapeRows,
} from './shape-rows.ts';
import { fitTaskCentres, likenessTo } from './task-centres.ts';
import { scoreTasks } from './task-classifier.ts';
import { type TaskHead, tasksOfRows, trainTaskHead } from './task-head.ts';
import { fitTaskShapes, shapeDistance, type TaskShapes } from './task-shapes.ts';
import { placeOfLargest, type TaskLabels } from './tasks.ts';

/**
 * Several small estimators of the same targets, each blind to something. What they say is mixed by
 * weights that were found on rows that they had not seen.
 */
export interface Heads {
  readonly targetCount: number;
  readonly means: Float64Array;
  readonly vocabulary: Vocabulary;
  readonly words: ColumnWeights;
  readonly scale: ShapeScale;
  readonly map: FourierMap;
  /** Of the Fourier features, at `CURVE_PENALTIES`. */
  readonly curves: readonly DenseLinear[];
  /** Of the shape itself, at `LINE_PENALTIES`. */
  readonly lines: readonly DenseLinear[];
  readonly tasks: TaskHead;
  readonly shapes: TaskShapes;
  /** Mean texts of the tasks; absent where there are too many. */
  readonly centres?: ColumnWeights;
}

/** In the order of the parts of `HeadScores`. */
export const PARTS = [
  'task as named',
  'within the named task',
  'task as read',
  'within the task as read',
  'words',
  'shape, sharp',
  'shape, smooth',
  'shape, straight',
  'shape, cautious',
] as const;
export const PART_COUNT = PARTS.length;
const WORDS = 4;
const FIRST_CURVE = 5;
const FIRST_LINE = 7;
/** The cautious line: all that is believed of texts unlike any that were graded. */
export const CAUTIOUS = 8;

const WORD_PENALTY = 10;
const CURVE_PENALTIES = [10, 100];
/** Shares of the row count. */
const LINE_PENALTIES = [0.03, 1];
/** Bytes of column weights at most. */
const COLUMN_BYTES = 3.6e6;
const COLUMNS_MOST = 60_000;
/** Tasks that are less probable than this do not count. */
const POSTERIOR_LEAST = 0.02;

export interface HeadOptions {
  readonly seed: number;
  readonly labels: TaskLabels;
}

export function trainHeads(rows: GradedRows, chosen: Int32Array, options: HeadOptions): Heads {
  const targets = targetsOf(rows, chosen);
  const { count } = targets;
  const taskCount = options.labels.names.length;
  const vocabulary = buildVocabulary(rows.readings, chosen, {
    space: 1 << READING_BITS,
    limit: Math.min(COLUMNS_MOST, Math.floor(COLUMN_BYTES / (count + taskCount + 8))),
  });
  const { matrix } = weighRows(rows.readings, chosen, vocabulary);
  const shapes = rows.readings.map((reading) => reading.shape);
  const scale = fitShapeScale(shapes, chosen);
  const inputs = scale.factors.length;
  const active = scale.factors.filter((factor) => factor !== 0).length;
  const map = makeFourierMap({ inputs, active, size: FOURIER_SIZE, seed: options.seed });
  const space = shapeRows(rows, chosen, { scale, map, seed: options.seed });
  const words = fitSparseRidge(matrix, targets, WORD_PENALTY);
  const taskOfRow = tasksOfRows(options.labels, chosen);
  const tasks = trainTaskHead({
    matrix,
    targets,
    tasks: taskOfRow,
    taskCount,
    features: space.inner,
    innerSize: INNER_SIZE,
    extra: space.extra,
    extraSize: inputs + INNER_SIZE,
    seed: options.seed,
  });
  const centres = fitTaskCentres(matrix, taskOfRow, taskCount);
  return {
    ...(centres === undefined ? {} : { centres }),
    targetCount: count,
    means: targetMeans(targets),
    vocabulary,
    words: quantiseColumns(words),
    scale,
    map,
    curves: fitDense(space.curves, FOURIER_SIZE, targets, CURVE_PENALTIES),
    lines: fitDense(
      space.lines,
      inputs,
      targets,
      LINE_PENALTIES.map((share) => Math.max(10, share * chosen.length)),
    ),
    tasks,
    shapes: fitTaskShapes(space.forms, inputs, taskOfRow, taskCount),
  };
}

/** What the heads say of one text. */
export interface HeadScores {
  /** parts × targets, each less the mean over all rows. */
  readonly parts: Float64Array;
  readonly posterior: Float64Array;
  /** Share of the text's words that were seen, 0 … 1. */
  readonly known: number;
  /** Log-odds of the most probable task, not normalised: how well it fits. */
  readonly fit: number;
  /** From the nearest task's shapes; about 1 for a text as those that were seen. */
  readonly distance: number;
  /** Share of the shape that is unlike all that was seen, 0 … 1. */
  readonly unlike: number;
  /** Cosine to the mean text of the task that it seems to be of; 0 where there are no centres. */
  readonly likeness: number;
}

/** A text as the heads see it, whatever they are asked of it. */
export interface HeadReading {
  readonly text: WeighedText;
  readonly line: Float64Array;
  readonly form: Float64Array;
  readonly unlike: Unlikeness;
  readonly curve: Float64Array;
  readonly inner: Float64Array;
  readonly posterior: Float64Array;
  readonly fit: number;
  readonly distance: number;
  readonly likeness: number;
}

/** Heads that were trained on the same rows with the same seed read a text alike. */
export function readForHeads(heads: Heads, reading: TextReading): HeadReading {
  const { tasks } = heads;
  const text = weighText(reading, heads.vocabulary);
  const line = new Float64Array(heads.map.inputs);
  const unlike = scaleShape(heads.scale, reading.shape, line);
  const form = new Float64Array(line.length);
  copyForm(line, form);
  const curve = new Float64Array(heads.map.size);
  applyFourier(heads.map, form, curve);
  const inner = new Float64Array(tasks.innerSize);
  innerFeatures(curve, inner);
  const extra = new Float64Array(line.length + inner.length);
  extraFeatures(line, inner, extra);
  const posterior = scoreTasks(tasks.classifier, text, extra);
  let fit = 0;
  for (const score of posterior) if (score > fit) fit = score;
  softmaxInPlace(posterior);
  const distance = shapeDistance(heads.shapes, form, unlike.changed);
  const likeness = likenessTo(heads.centres, text, placeOfLargest(posterior));
  return { text, line, form, unlike, curve, inner, posterior, fit, distance, likeness };
}

/** Parts that nobody asks for stay 0. */
export type WantedParts = readonly boolean[];
const ALL_PARTS: WantedParts = PARTS.map(() => true);

/** `task` is the named one's place, −1 = none that is known. */
export function scoreHeads(
  heads: Heads,
  read: HeadReading,
  task: number,
  wanted: WantedParts = ALL_PARTS,
): HeadScores {
  const { targetCount, tasks, means } = heads;
  const { text, line, unlike, curve, inner, posterior, fit } = read;
  const parts = new Float64Array(PART_COUNT * targetCount);
  const add = (part: number, write: (place: Float64Array) => void) => {
    if (wanted[part] !== true) return;
    const place = parts.subarray(part * targetCount, (part + 1) * targetCount);
    write(place);
    for (let at = 0; at < targetCount; at += 1)
      place[at] = (place[at] as number) - (means[at] as number);
  };
  add(WORDS, (place) => sumColumns(heads.words, text, place));
  heads.curves.forEach((linear, at) => {
    add(FIRST_CURVE + at, (place) => applyDense(linear, curve, place));
  });
  heads.lines.forEach((linear, at) => {
    add(FIRST_LINE + at, (place) => applyDense(linear, line, place));
  });
  if (task >= 0) addTask(tasks, task, 1, inner, parts, 0);
  if (wanted[2] === true || wanted[3] === true)
    for (let at = 0; at < posterior.length; at += 1) {
      const share = posterior[at] as number;
      if (share >= POSTERIOR_LEAST) addTask(tasks, at, share, inner, parts, 2);
    }
  return {
    parts,
    posterior,
    known: text.known,
    fit,
    distance: read.distance,
    unlike: unlike.far + unlike.changed,
    likeness: read.likeness,
  };
}

/** Adds a task's table and its inner variation to the parts `first` and `first + 1`. */
function addTask(
  tasks: Heads['tasks'],
  task: number,
  share: number,
  inner: Float64Array,
  parts: Float64Array,
  first: number,
): void {
  const { targetCount, innerSize, table, means } = tasks;
  const base = task * (innerSize + 1) * targetCount;
  const offsets = base + innerSize * targetCount;
  const within = tasks.inner.slice(offsets, offsets + targetCount);
  addDense(tasks.inner, base, inner, within);
  for (let target = 0; target < targetCount; target += 1) {
    const slot = first * targetCount + target;
    parts[slot] =
      (parts[slot] as number) +
      share * ((table[task * targetCount + target] as number) - (means[target] as number));
    parts[slot + targetCount] =
      (parts[slot + targetCount] as number) + share * (within[target] as number);
  }
}
