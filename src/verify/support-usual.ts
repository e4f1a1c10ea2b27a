import { AGAINST, MEANING_FEATURES, WORD_FEATURES } from './support-features.ts';
import {
  type Linear,
  type SupportExpert,
  type SupportScorer,
  supportProbability,
} from './support-scorer.ts';

/** What is read of a sentence that nobody has judged. */
export interface UnjudgedReading {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

/** Sentences from which on it is known what is usual among them. */
export const LEAST_USUAL = 20;
/** Names of experts that speak for a collection begin so; one collection at a time. */
const HERE = 'here: ';
/** A sentence of the collection's shape is judged by what is known of it rather than by other kinds. */
const HERE_WEIGHT = 500;
/**
 * Log-odds of “supported” of the usual sentence of a model's answers: most of them are supported, while
 * of sentences that people chose to judge about half are. By streams of 30 … 95 % supported sentences
 * (`cadre bench knowledge-usual`); .25 to 1 are alike.
 */
export const ANSWER_LEAN = 0.5;
/** A sentence of which the scorer is surer than this, either way, says nothing about where doubt begins. */
const SUREST = 0.98;
const FEATURES: readonly string[] = [...WORD_FEATURES, ...MEANING_FEATURES];
/** Log-odds that a standard deviation of any feature is worth before anything is learned. */
export const PLAIN_WEIGHT = 0.1;
/** A feature that hardly varies here must not decide alone when it does. */
const LEAST_SPREAD = 0.02;
const LEAST_SHAPE_SPREAD = 0.1;
/** Squared distance of shapes, in spreads, at which a kind that was taught counts a third. */
const KIND_WIDTH = 0.1;

/** Weights of standardised features by their known signs alone, all as large. */
export function plainWeights(size: number): readonly number[] {
  return FEATURES.slice(0, size).map((name) => (AGAINST.has(name) ? -PLAIN_WEIGHT : PLAIN_WEIGHT));
}

/**
 * Whether a sentence of an answer says something about what is usual: not those that a source has word
 * for word or that have nothing to do with any, of which a model may give any number.
 */
export function tellsUsual(scorer: SupportScorer, { values, shape }: UnjudgedReading): boolean {
  const share = supportProbability(scorer, values, shape);
  return share < SUREST && share > 1 - SUREST;
}

/**
 * The scorer for sentences of one collection, of which some are known without any judgement. How much
 * of a sentence its evidence has in word and meaning differs more between collections (copied
 * summaries, free answers, claims on abstracts) than between right and wrong, so an unknown kind is
 * judged by how far a sentence is from what is usual there: the sum of its features in standard
 * deviations, each with its known sign and the same weight (Dawes 1979, “The robust beauty of improper
 * linear models”). Kinds that were taught count as far as the collection looks like them.
 * `lean` = log-odds of “supported” of what is in the middle: 0 for sentences of which half are supported.
 */
export function adaptScorer(
  scorer: SupportScorer,
  readings: readonly UnjudgedReading[],
  lean = 0,
): SupportScorer {
  if (readings.length < LEAST_USUAL) return scorer;
  const shapes = readings.map((one) => one.shape);
  const size = Math.min(...shapes.map((one) => one.length));
  const centre = columnsOf(shapes, size).map(meanOf);
  const spread = columnsOf(shapes, size).map((one) => Math.max(LEAST_SHAPE_SPREAD, spreadOf(one)));
  const before = scorer.experts.filter((one) => !one.name.startsWith(HERE));
  const known = before.map((expert) => likeness(expert, centre, readings.length));
  const whole = known.reduce((sum, one) => sum + one, 0);
  const here = (expert: Omit<SupportExpert, 'centre' | 'spread'>, share: number) => ({
    ...expert,
    name: `${HERE}${expert.name}`,
    centre,
    spread,
    weight: HERE_WEIGHT * share,
  });
  const taught = before.map((expert, at) =>
    here(expert, ((expert.weight ?? 1) * (known[at] ?? 0)) / Math.max(1, whole)),
  );
  const plain = {
    name: 'plain',
    rows: readings.length,
    byWords: plainLinear(readings, WORD_FEATURES.length, lean),
    ...(readings.every((one) => one.values.length === FEATURES.length)
      ? { byMeaning: plainLinear(readings, FEATURES.length, lean) }
      : {}),
  };
  const added = [...taught, here(plain, 1 - whole)].filter((one) => one.weight > 1e-3);
  return { ...scorer, experts: [...before, ...added] };
}

/** How much a collection looks like a kind: 1 the same, 0 unlike; chance differences do not count. */
function likeness(
  { centre, spread }: SupportExpert,
  here: readonly number[],
  rows: number,
): number {
  const squares = here.map(
    (value, at) => ((value - (centre[at] ?? value)) / (spread[at] ?? 1)) ** 2,
  );
  return Math.exp(-Math.max(0, meanOf(squares) - 1 / rows) / KIND_WIDTH);
}

function plainLinear(readings: readonly UnjudgedReading[], size: number, lean: number): Linear {
  const columns = columnsOf(
    readings.map((one) => one.values),
    size,
  );
  const means = columns.map(meanOf);
  const weights = plainWeights(size).map(
    (weight, at) => weight / Math.max(LEAST_SPREAD, spreadOf(columns[at] ?? [])),
  );
  const offset = weights.reduce((sum, weight, at) => sum - weight * (means[at] ?? 0), lean);
  return { offset, weights };
}

export function columnsOf(
  rows: readonly (readonly number[])[],
  size: number,
): readonly (readonly number[])[] {
  return Array.from({ length: size }, (_, at) => rows.map((row) => row[at] ?? 0));
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
}

export function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((one) => (one - mean) ** 2)));
}
