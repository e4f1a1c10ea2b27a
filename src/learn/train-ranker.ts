import { fitLogistic } from '../base/logistic.ts';
import { minimise } from '../base/minimise.ts';
import { WORD_FEATURES } from '../base/rank-features.ts';
import { FEATURES, headScore, type RankHead } from '../base/rank-model.ts';

/** Passages of one query as a head sees them. */
export interface RankList {
  /** Of each passage `FEATURES` values, the last one 0 where there are no vectors. */
  readonly features: readonly Float64Array[];
  readonly grades: readonly number[];
}

/** Which features a head may use. */
export type HeadKind = 'words' | 'embedding' | 'words+embedding';

/**
 * What is taken for likely before a row was seen: BM25 and the product of vectors, each as it is, and a
 * penalty on the distance from it, in lists. With ten lists of three collections the order is then as
 * good as the fixed sum of both that /v1/rerank has; without it, worse.
 */
const PRIOR_WORDS = 1;
const PRIOR_PRODUCT = 1.2;
const PENALTY = 4;
const STEPS_MOST = 100;
const CALIBRATION_PENALTY = 1e-3;

/**
 * Weights under which relevant passages stand above the others of their list: the likeliest of a
 * multinomial choice (ListNet with the top one: Cao et al., ICML 2007, §4), where a list's grades share
 * one choice. Convex, so that the same lists give the same weights.
 */
export function fitHead(lists: readonly RankList[], kind: HeadKind): number[] {
  const places = [...Array(FEATURES).keys()].filter((at) =>
    at < WORD_FEATURES.length ? kind !== 'embedding' : kind !== 'words',
  );
  const prior = Float64Array.from(places, (at) => {
    if (at === 0) return PRIOR_WORDS;
    return at === WORD_FEATURES.length ? PRIOR_PRODUCT : 0;
  });
  const fitted = minimise(
    prior,
    (weights, gradient) => {
      gradient.fill(0);
      let loss = 0;
      for (const { features, grades } of lists) {
        const scores = features.map((row) => weighted(row, places, weights));
        const pull = listPull(scores, grades);
        loss += pull.loss;
        features.forEach((row, passage) => {
          places.forEach((place, at) => {
            gradient[at] = at0(gradient, at) + at0(pull.pulls, passage) * at0(row, place);
          });
        });
      }
      weights.forEach((weight, at) => {
        const distance = weight - at0(prior, at);
        loss += 0.5 * PENALTY * distance * distance;
        gradient[at] = at0(gradient, at) + PENALTY * distance;
      });
      return loss;
    },
    STEPS_MOST,
  );
  const weights = new Array<number>(kind === 'words' ? WORD_FEATURES.length : FEATURES).fill(0);
  places.forEach((place, at) => {
    weights[place] = at0(fitted, at);
  });
  return weights;
}

/**
 * Cross entropy of the softmax of the scores against the grades' shares, and its derivative by each
 * score.
 */
export function listPull(
  scores: readonly number[],
  grades: readonly number[],
): { readonly loss: number; readonly pulls: Float64Array } {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((all, one) => all + one, 0);
  const gain = grades.reduce((all, one) => all + one, 0);
  let loss = 0;
  const pulls = Float64Array.from(scores, (score, at) => {
    const share = at0(grades, at) / gain;
    if (share > 0) loss -= share * (score - most - Math.log(sum));
    return at0(powers, at) / sum - share;
  });
  return { loss, pulls };
}

/** A head with what P(relevant) its scores stand for, by scores of lists that it had not seen. */
export function calibrated(
  weights: readonly number[],
  unseen: readonly { readonly score: number; readonly isRelevant: boolean }[],
): RankHead {
  const fitted = fitLogistic(
    Float64Array.from(unseen, (one) => one.score),
    1,
    { shares: unseen.map((one) => Number(one.isRelevant)) },
    CALIBRATION_PENALTY,
  );
  // A score that speaks against relevance would turn the order round.
  return { weights, slope: Math.max(1e-6, at0(fitted.weights, 0)), offset: fitted.offset };
}

export function scoresOf(weights: readonly number[], { features }: RankList): number[] {
  return features.map((row) => headScore({ weights }, row));
}

function weighted(row: Float64Array, places: readonly number[], weights: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < places.length; at += 1)
    sum += at0(weights, at) * at0(row, places[at] as number);
  return sum;
}

function at0(values: ArrayLike<number>, at: number): number {
  return values[at] ?? 0;
}
