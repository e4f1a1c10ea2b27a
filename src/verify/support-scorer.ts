import { z } from 'zod';
import { MEANING_FEATURES, SHAPE_FEATURES, WORD_FEATURES } from './support-features.ts';
import shipped from './support-scorer.generated.json' with { type: 'json' };

const WORDS = WORD_FEATURES.length;
/** Shapes that are known without embeddings. */
const WORD_SHAPES = SHAPE_FEATURES.length - 1;
const ALL = WORDS + MEANING_FEATURES.length;

const linearOf = (size: number) =>
  z.strictObject({ offset: z.number(), weights: z.array(z.number()).length(size) });

/** What is fitted on one kind of evidence and claims: short knowledge, an abstract, an article … */
const expertSchema = z.strictObject({
  name: z.string().min(1),
  rows: z.int().positive(),
  /** How much it counts beside another that is as near; 1 when absent. */
  weight: z.number().positive().optional(),
  /** Mean and spread of SHAPE_FEATURES; how near a claim is decides how much this expert counts. */
  centre: z.array(z.number()).min(WORD_SHAPES).max(SHAPE_FEATURES.length),
  spread: z.array(z.number().positive()).min(WORD_SHAPES).max(SHAPE_FEATURES.length),
  /** Log-odds of “supported” at even odds, by words alone and, where it was taught so, with embeddings. */
  byWords: linearOf(WORDS),
  byMeaning: linearOf(ALL).optional(),
});
export type SupportExpert = z.infer<typeof expertSchema>;

/**
 * The trained support scorer: a mixture of calibrated logistic models. All probabilities are at even
 * odds, so .5 is where both errors cost the same whatever the share of supported sentences.
 */
export const supportScorerSchema = z.strictObject({
  version: z.literal(1),
  /** What it was fitted on, in words. */
  source: z.string(),
  /** By what else it judges, in words; told with every sentence. */
  knows: z.string().optional(),
  experts: z.array(expertSchema).min(1).max(64),
  /** Log-odds that what is not supported is contradicted rather than not found; absent = unknown. */
  contradiction: linearOf(ALL).optional(),
});
export type SupportScorer = z.infer<typeof supportScorerSchema>;
export type Linear = z.infer<ReturnType<typeof linearOf>>;

/** The scorer that ships: WiCE, BEGIN, SciFact and QAGS, development parts. */
export const SHIPPED_SCORER: SupportScorer = supportScorerSchema.parse(shipped);

/** Degrees of freedom of the kernel: heavy tails, so that a shape like none lets all experts speak. */
const FREEDOM = 8;

/** P(supported) at even odds; `values` and `shape` as `readSupport` gives them. */
export function supportProbability(
  scorer: SupportScorer,
  values: readonly number[],
  shape: readonly number[],
): number {
  let total = 0;
  let sum = 0;
  for (const expert of scorer.experts) {
    const nearness = (expert.weight ?? 1) * nearnessOf(expert, shape);
    total += nearness;
    const linear = values.length > WORDS ? (expert.byMeaning ?? expert.byWords) : expert.byWords;
    sum += nearness * logistic(linear, values);
  }
  return sum / total;
}

/** P(contradicted | not supported); undefined where the scorer cannot tell. */
export function contradictionProbability(
  scorer: SupportScorer,
  values: readonly number[],
): number | undefined {
  if (scorer.contradiction === undefined || values.length <= WORDS) return undefined;
  return logistic(scorer.contradiction, values);
}

function logistic(linear: Linear, values: readonly number[]): number {
  const odds = linear.weights.reduce(
    (sum, weight, at) => sum + weight * (values[at] ?? 0),
    linear.offset,
  );
  return 1 / (1 + Math.exp(-odds));
}

/** Density of Student's t over the shape, up to a constant (Bishop 2006, §2.3.7). */
function nearnessOf({ centre, spread }: SupportExpert, shape: readonly number[]): number {
  let distance = 0;
  let volume = 1;
  for (const [at, value] of shape.entries()) {
    const width = spread[at] ?? 1;
    distance += ((value - (centre[at] ?? value)) / width) ** 2;
    volume *= width;
  }
  return (1 + distance / FREEDOM) ** (-(FREEDOM + shape.length) / 2) / volume;
}
