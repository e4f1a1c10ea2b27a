import { indexEvidence, indexSentence } from '../../src/verify/evidence-index.ts';
import { readWords } from '../../src/verify/support-carriers.ts';
import type { GroundingExample } from './grounding-examples.ts';
import { fitLogistic, logisticScore } from './logistic.ts';
import { readSupport } from './support-eleven.ts';

/**
 * A scorer that is fitted on examples and gives P(supported) at even odds; `unjudged` are sentences of
 * the kind that it will score, whose answers it must not read.
 */
export type FitScores = (
  train: readonly GroundingExample[],
  unjudged: readonly GroundingExample[],
) => ((example: GroundingExample) => number) | undefined;

const PENALTY = 2;
const SHARE = 250;

/** Logistic regression on fixed features, each set and each answer weighing the same. */
export function logisticOn(
  featuresOf: (example: GroundingExample) => readonly number[],
): FitScores {
  return (train) => {
    const keyOf = (one: GroundingExample) => `${one.row.set}/${one.isSupported}`;
    const counts = new Map<string, number>();
    for (const one of train) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
    const model = fitLogistic(
      {
        rows: train.map(featuresOf),
        labels: train.map((one) => one.isSupported),
        weights: train.map((one) => SHARE / (counts.get(keyOf(one)) ?? 1)),
      },
      PENALTY,
    );
    return (example) => logisticScore(model, featuresOf(example));
  };
}

/** The eleven features that the support check had before. */
export function elevenFeatures(
  example: GroundingExample,
  vectorOf: (text: string) => Float32Array,
): readonly number[] {
  const { claim, evidence } = example.row;
  const asked = vectorOf(claim);
  const cosines = evidence.map((text) => cosine(asked, vectorOf(text)));
  return readSupport(claim, indexEvidence(evidence), cosines).values;
}

/** The lexical floor: which share of the claim one sentence has, and all together. */
export function lexicalFeatures({ row, values }: GroundingExample): readonly number[] {
  const { covered } = readWords(indexSentence(row.claim), indexEvidence(row.evidence));
  return [Math.max(0, ...covered), values[6] ?? 0];
}

/** Sentence BM25, scaled to its highest, plus cosine: what span attachment started from. */
export function rankPlainly(
  example: GroundingExample,
  vectorOf: (text: string) => Float32Array,
): readonly number[] {
  const { claim, evidence } = example.row;
  const { bm25 } = readWords(indexSentence(claim), indexEvidence(evidence));
  const asked = vectorOf(claim);
  const scores = evidence.map((text, at) => (bm25[at] ?? 0) + cosine(asked, vectorOf(text)));
  return [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
