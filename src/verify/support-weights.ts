import { SUPPORT_FEATURES, type SupportFeature } from './support-features.ts';

/**
 * Logistic regression of “people say the evidence supports this” on SUPPORT_FEATURES, fitted by
 * `bench/support.ts --fit` (Newton's method, L2 weight 2) on the development parts of WiCE, BEGIN,
 * SciFact and QAGS-CNN/DM together: 3,604 rows, each set and each answer weighing the same, so 0.5
 * is the point where both errors cost the same. Two models, because without an embedder the words
 * have to carry everything.
 */
interface Weights {
  readonly bias: number;
  readonly of: Readonly<Partial<Record<SupportFeature, number>>>;
}

const BY_WORDS: Weights = {
  bias: -2.9,
  of: {
    coveredByAll: 1.26,
    coveredByBest: 1.94,
    coveredByWindow: 0.72,
    copied: -0.17,
    missingNumbers: -0.78,
    missingNames: -0.11,
    negation: -0.52,
    opposite: -0.02,
    length: 0.84,
  },
};

const WITH_EMBEDDINGS: Weights = {
  bias: -5.49,
  of: {
    coveredByAll: 1.31,
    coveredByBest: 1.43,
    coveredByWindow: 0.33,
    copied: -0.17,
    missingNumbers: -0.71,
    missingNames: -0.19,
    negation: -0.75,
    opposite: -0.48,
    length: 0.04,
    cosine: 2.37,
    cosineTop: 2.27,
  },
};

/** P(supported) of values in the order of SUPPORT_FEATURES. */
export function supportProbability(values: readonly number[], hasCosines: boolean): number {
  const weights = hasCosines ? WITH_EMBEDDINGS : BY_WORDS;
  const sum = SUPPORT_FEATURES.reduce(
    (total, name, index) => total + (weights.of[name] ?? 0) * (values[index] ?? 0),
    weights.bias,
  );
  return 1 / (1 + Math.exp(-sum));
}
