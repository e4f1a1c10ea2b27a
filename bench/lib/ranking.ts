/** Judgements of one query: document id → grade, > 0 is relevant. */
export type Grades = ReadonlyMap<string, number>;

/** nDCG of the first `depth` documents with gain = grade and discount log2(rank + 1) (trec_eval's ndcg_cut). */
export function ndcg(ranked: readonly string[], grades: Grades, depth = 10): number {
  const discounted = (values: readonly number[]) =>
    values.slice(0, depth).reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0);
  const ideal = discounted([...grades.values()].sort((left, right) => right - left));
  return ideal === 0 ? 0 : discounted(ranked.map((id) => grades.get(id) ?? 0)) / ideal;
}

/** P(a positive scores higher than a negative); ties count half. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  let won = 0;
  for (const positive of positives)
    for (const negative of negatives)
      won += positive > negative ? 1 : positive === negative ? 0.5 : 0;
  return won / (positives.length * negatives.length);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** 95 % percentile bootstrap interval of the mean, fixed seed. */
export function bootstrapInterval(values: readonly number[], seed: number): [number, number] {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const means = Array.from({ length: 1000 }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  ).sort((left, right) => left - right);
  return [means[25] ?? 0, means[974] ?? 0];
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
