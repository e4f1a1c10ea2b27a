import { type Logistic, logisticShare } from '../../base/logistic.ts';
import type { TextReading } from '../../base/text-reading.ts';
import { type Doubt, doubtOf } from './doubt.ts';
import { type Guard, leadingModel, mayLeave } from './guard.ts';
import {
  CAUTIOUS,
  type HeadReading,
  type HeadScores,
  type Heads,
  PARTS,
  readForHeads,
  scoreHeads,
  type WantedParts,
} from './heads.ts';
import { type Mixing, mix } from './mixing.ts';
import { chooseWithNewcomers, type Newcomer, newcomerValue } from './newcomers.ts';
import { placeOfLargest } from './tasks.ts';

/** A fitted estimator of P(success | request, model) for any number of models. */
export interface SuccessModel {
  readonly models: readonly string[];
  /** Names that a request's task may have; none where the tasks were found. */
  readonly taskNames: readonly string[];
  readonly namesTasks: boolean;
  readonly heads: Heads;
  readonly mixings: { readonly named: Mixing; readonly read: Mixing; readonly fresh: Mixing };
  /** P(text is of no known task); absent where it could not be learned. */
  readonly novelty?: Logistic;
  readonly familiar: Familiar;
  /** P(a text is not of the task that it seems to be of); absent where it could not be learned. */
  readonly doubt?: Doubt;
  /** Place of the best single model. */
  readonly best: number;
  /** When the best single model may be left: the task is named; it is read out of the text. */
  readonly guards: { readonly named: Guard; readonly read: Guard };
  readonly seed: number;
  readonly rowCount: number;
  /** The last of `models`: they joined without a new fit. */
  readonly newcomers?: readonly Newcomer[];
  /** Place of the best single one of the fitted models; absent = `best`. */
  readonly bestFitted?: number;
}

export interface Bounds {
  readonly from: number;
  readonly full: number;
}

/** Where a text begins to be unlike all that was graded. */
export interface Familiar {
  /** Shares of known words below which a text is strange, and at which nothing of it is familiar. */
  readonly known: Bounds;
  /** Distances from the nearest task's shapes, likewise. */
  readonly distance: Bounds;
}

export interface SuccessEstimate {
  /** P(success) per model, 0 … 1. */
  readonly probabilities: Float64Array;
  /** The same before they are cut to 0 … 1; gains are differences of these. */
  readonly values: Float64Array;
  readonly posterior: Float64Array;
  /** Place of the task that is named, else of the most probable one. */
  readonly task: number;
  /** 0 = as what was graded, 1 = of a new kind. */
  readonly novelty: number;
  /** 0 = written as what was graded, 1 = nothing of it was seen. */
  readonly strangeness: number;
  /** The task is named, so that nothing of the text is in doubt but whether it is a known one. */
  readonly isNamed: boolean;
  readonly scores: HeadScores;
  readonly guard: Guard;
}

/** `read`: the text as heads of the same rows and seed have read it already. `task` as the request names it; absent = it is read out of the text. */
export function estimateSuccess(
  model: SuccessModel,
  reading: TextReading,
  task?: string,
  read: HeadReading = readForHeads(model.heads, reading),
): SuccessEstimate {
  const isNamed = model.namesTasks && task !== undefined && task !== '';
  const place = isNamed ? model.taskNames.indexOf(task) : -1;
  const scores = scoreHeads(model.heads, read, place, wantedParts(model.mixings));
  const doubt = isNamed
    ? { novelty: place < 0 ? 1 : 0, strangeness: place < 0 ? strangenessOf(model, scores) : 0 }
    : { novelty: noveltyOf(model, scores), strangeness: strangenessOf(model, scores) };
  const { means } = model.heads;
  const judged = judgeScores(model, scores, means, { isNamed: place >= 0, ...doubt });
  const known = (1 - doubt.novelty) * (1 - doubt.strangeness);
  const added = (model.newcomers ?? []).map((one) =>
    newcomerValue(one, judged, { posterior: scores.posterior, task: place, known }),
  );
  const values = added.length === 0 ? judged : Float64Array.of(...judged, ...added);
  const probabilities = values.map((value) => Math.min(0.999, Math.max(0.001, value)));
  const guard = place >= 0 ? model.guards.named : model.guards.read;
  const { posterior } = scores;
  const seeming = place >= 0 ? place : placeOfLargest(posterior);
  return { probabilities, values, posterior, task: seeming, ...doubt, isNamed, scores, guard };
}

function wantedParts({ named, read, fresh }: SuccessModel['mixings']): WantedParts {
  return PARTS.map(
    (_, part) =>
      part === CAUTIOUS ||
      [named, read, fresh].some((one) => one.level[part] !== 0 || one.deviation[part] !== 0),
  );
}

export interface Judging {
  readonly isNamed: boolean;
  readonly novelty: number;
  readonly strangeness: number;
}

/** The estimate of each model from what the heads say; `means` are those of the heads' training. */
export function judgeScores(
  model: Pick<SuccessModel, 'mixings'>,
  scores: HeadScores,
  means: Float64Array,
  judging: Judging,
): Float64Array {
  const mixed = mixedTargets(model, scores, means.length, judging);
  const level = (means[0] as number) + (mixed[0] as number);
  const values = new Float64Array(means.length - 1);
  for (let at = 0; at < values.length; at += 1)
    values[at] = level + (means[at + 1] as number) + (mixed[at + 1] as number);
  return values;
}

function mixedTargets(
  { mixings }: Pick<SuccessModel, 'mixings'>,
  scores: HeadScores,
  count: number,
  where: Judging,
): Float64Array {
  const known = mix(scores.parts, where.isNamed ? mixings.named : mixings.read, count);
  const fresh = where.novelty > 0 ? mix(scores.parts, mixings.fresh, count) : known;
  const mean = 1 - Math.min(1, Math.max(0, scores.unlike - UNLIKE_FROM) / UNLIKE_FROM);
  for (let target = 0; target < count; target += 1) {
    const near =
      (1 - where.novelty) * (known[target] as number) + where.novelty * (fresh[target] as number);
    const far = mean * (scores.parts[CAUTIOUS * count + target] as number);
    known[target] = (1 - where.strangeness) * near + where.strangeness * far;
  }
  return known;
}

/** Share of strange features from which even the cautious line is believed less; at twice it, not at all. */
const UNLIKE_FROM = 0.3;

/** What the novelty of a text is read from. */
export function noveltySigns(scores: HeadScores): number[] {
  let top = 0;
  for (const share of scores.posterior) if (share > top) top = share;
  return [scores.known, scores.fit / 10, top, Math.log1p(scores.distance)];
}

export function noveltyOf(model: Pick<SuccessModel, 'novelty'>, scores: HeadScores): number {
  return model.novelty === undefined ? 0 : logisticShare(model.novelty, noveltySigns(scores));
}

export function strangenessOf(
  { familiar }: Pick<SuccessModel, 'familiar'>,
  scores: HeadScores,
): number {
  const words = beyond(familiar.known, scores.known);
  const shape = beyond(familiar.distance, scores.distance);
  return Math.min(1, Math.max(0, words, shape));
}

function beyond({ from, full }: Bounds, value: number): number {
  return from === full ? 0 : (value - from) / (full - from);
}

/** How much the choice doubts what a text seems to be. */
export function choiceDoubt(
  model: Pick<SuccessModel, 'doubt' | 'familiar'>,
  scores: HeadScores,
): number {
  return model.doubt === undefined ? strangenessOf(model, scores) : doubtOf(model.doubt, scores);
}

/** Estimates of the fitted models as if the task were known; undefined where the best single one is kept. */
function knownValues(model: SuccessModel, estimate: SuccessEstimate): Float64Array | undefined {
  const { guard, isNamed, novelty, scores, task } = estimate;
  if (!mayLeave(guard, task, isNamed ? novelty : choiceDoubt(model, scores))) return undefined;
  const known = { isNamed: isNamed && novelty === 0, novelty: 0, strangeness: 0 };
  return judgeScores(model, scores, model.heads.means, known);
}

/** By how much a model that the guard keeps back is taken for worse than the best single one. */
const KEPT_BACK = 0.001;

/** P(success) per model, no fitted one above the best single one where the guard would not choose it. */
export function guardedProbabilities(model: SuccessModel, estimate: SuccessEstimate): Float64Array {
  const { probabilities, guard } = estimate;
  const home = model.bestFitted ?? model.best;
  const known = knownValues(model, estimate);
  const most = Math.max(0, (probabilities[home] as number) - KEPT_BACK);
  const fittedCount = probabilities.length - (model.newcomers?.length ?? 0);
  return probabilities.map((one, at) => {
    if (at === home || at >= fittedCount || one <= most) return one;
    const lead = known === undefined ? 0 : (known[at] as number) - (known[home] as number);
    return known !== undefined && lead > guard.margin ? one : most;
  });
}

/**
 * Place of the model that is most probable to be right, unless its advantage may be chance. The guard
 * settles what is doubtful, so models are compared as if the task were known.
 */
export function bestModel(model: SuccessModel, estimate: SuccessEstimate): number {
  const { guard, novelty, strangeness, posterior, task, isNamed } = estimate;
  const { best, bestFitted = best, newcomers = [] } = model;
  const known = knownValues(model, estimate);
  const usual = known === undefined ? bestFitted : leadingModel(known, bestFitted, guard.margin);
  if (newcomers.length === 0) return usual;
  const fittedCount = model.models.length - newcomers.length;
  if (known === undefined) {
    const doubt = Math.max(novelty, strangeness);
    return chooseWithNewcomers(estimate.values, { fittedCount, usual, best, doubt });
  }
  // All on one scale: as if the task were known.
  const place = { posterior, task: isNamed ? task : -1, known: 1 };
  const values = Float64Array.of(
    ...known,
    ...newcomers.map((one) => newcomerValue(one, known, place)),
  );
  return chooseWithNewcomers(values, { fittedCount, usual, best, doubt: 0 });
}
