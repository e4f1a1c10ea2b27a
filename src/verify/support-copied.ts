/** What a claim copied, word for word, from evidence; shares of the claim's words. */
export interface CopiedReading {
  /** Words of the longest run that one sentence has in the same order. */
  readonly longest: number;
  /** Share of the claim's pairs of neighbouring words that the best sentence has. */
  readonly pairs: number;
}

/** Longest claim and sentence that are compared word by word. */
const MOST_CLAIM = 120;
const MOST_SENTENCE = 400;

/** Stems of claim and sentences in reading order. */
export function readCopied(
  claim: readonly string[],
  sentences: readonly (readonly string[])[],
): CopiedReading {
  const asked = claim.slice(0, MOST_CLAIM);
  const places = new Map<string, number[]>();
  for (const [at, stem] of asked.entries()) places.set(stem, [...(places.get(stem) ?? []), at]);
  const pairCount = Math.max(1, asked.length - 1);
  let longest = 0;
  let pairs = 0;
  for (const sentence of sentences) {
    const found = new Set<number>();
    // Per place of the claim: length of the run that ends there and at the last word read.
    let runs = new Map<number, number>();
    for (const stem of sentence.slice(0, MOST_SENTENCE)) {
      const next = new Map<number, number>();
      for (const at of places.get(stem) ?? []) {
        const length = (runs.get(at - 1) ?? 0) + 1;
        next.set(at, length);
        longest = Math.max(longest, length);
        if (length > 1) found.add(at);
      }
      runs = next;
    }
    pairs = Math.max(pairs, found.size / pairCount);
  }
  return { longest, pairs };
}

/** Length of the longest common subsequence as a share of the claim, 0 … 1. */
export function inOrderShare(claim: readonly string[], sentence: readonly string[]): number {
  const asked = claim.slice(0, MOST_CLAIM);
  const other = sentence.slice(0, MOST_SENTENCE);
  let previous = new Uint16Array(other.length + 1);
  for (const stem of asked) {
    const current = new Uint16Array(other.length + 1);
    for (let at = 0; at < other.length; at += 1)
      current[at + 1] =
        other[at] === stem
          ? (previous[at] as number) + 1
          : Math.max(previous[at + 1] as number, current[at] as number);
    previous = current;
  }
  return asked.length === 0 ? 0 : (previous[other.length] as number) / asked.length;
}
