/** Unit vectors of a claim, of the claim turned around, and of the evidence sentences that have one. */
export interface MeaningVectors {
  readonly claim: Float32Array;
  readonly turned: Float32Array;
  /** One place per evidence sentence. */
  readonly evidence: readonly (Float32Array | undefined)[];
}

export interface MeaningReading {
  /** Cosine of the claim with each sentence, 0 for those without a vector. */
  readonly cosines: readonly number[];
  /** Highest cosine of the claim with a sentence. */
  readonly best: number;
  /** The same with the mean of two neighbours. */
  readonly window: number;
  /** Length of what the five nearest sentences together leave unexplained of the claim, 0 … 1. */
  readonly unexplained: number;
  /** Highest cosine of the claim minus that of the turned claim. */
  readonly turn: number;
  /** Mean of the differences over the three sentences nearest to both. */
  readonly turnTop: number;
}

const EXPLAINING = 5;
const TOP = 3;

export function readMeaning({ claim, turned, evidence }: MeaningVectors): MeaningReading {
  const cosines = evidence.map((one) => (one ? dot(claim, one) : 0));
  const known = [...evidence.keys()].filter((at) => evidence[at] !== undefined);
  const against = new Map(known.map((at) => [at, dot(turned, evidence[at] ?? turned)]));
  const cosineOf = (at: number) => cosines[at] ?? 0;
  const bestOf = (values: readonly number[]) => (values.length === 0 ? 0 : Math.max(...values));
  const both = (at: number) => cosineOf(at) + (against.get(at) ?? 0);
  const top = [...known].sort((a, b) => both(b) - both(a)).slice(0, TOP);
  const differences = top.map((at) => cosineOf(at) - (against.get(at) ?? 0));
  const best = bestOf(known.map(cosineOf));
  return {
    cosines,
    best,
    window: Math.max(best, bestOf(known.map((at) => pairCosine(claim, evidence, at)))),
    unexplained: unexplained(
      claim,
      [...known]
        .sort((a, b) => cosineOf(b) - cosineOf(a))
        .slice(0, EXPLAINING)
        .flatMap((at) => evidence[at] ?? []),
    ),
    turn: best - bestOf([...against.values()]),
    turnTop: differences.reduce((sum, one) => sum + one, 0) / Math.max(1, differences.length),
  };
}

/** Cosine of the claim with the mean of a sentence and the one after it. */
function pairCosine(
  claim: Float32Array,
  evidence: readonly (Float32Array | undefined)[],
  at: number,
): number {
  const first = evidence[at];
  const second = evidence[at + 1];
  if (first === undefined || second === undefined) return 0;
  const length = Math.sqrt(2 + 2 * dot(first, second));
  return length < 1e-6 ? 0 : (dot(claim, first) + dot(claim, second)) / length;
}

/** Distance of the claim from the space of some vectors (Gram and Schmidt). */
function unexplained(claim: Float32Array, vectors: readonly Float32Array[]): number {
  const rest = claim.slice();
  const axes: Float32Array[] = [];
  for (const vector of vectors) {
    const axis = vector.slice();
    for (const other of axes) subtract(axis, other);
    const length = Math.sqrt(dot(axis, axis));
    if (length < 1e-3) continue;
    for (let at = 0; at < axis.length; at += 1) axis[at] = (axis[at] as number) / length;
    axes.push(axis);
    subtract(rest, axis);
  }
  return Math.sqrt(dot(rest, rest));
}

function subtract(vector: Float32Array, axis: Float32Array): void {
  const along = dot(vector, axis);
  for (let at = 0; at < vector.length; at += 1)
    vector[at] = (vector[at] as number) - along * (axis[at] as number);
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number);
  return sum;
}
