/** Unit vectors of a text's tokens as bytes. */
export interface PackedTokens {
  readonly dimensions: number;
  /** tokens × dimensions; value = byte × scale. */
  readonly rows: Int8Array;
  readonly scale: number;
}

const GREATEST = 127;

/** `vectors`: tokens × dimensions, each token of length 1. */
export function packTokens(vectors: Float32Array, dimensions: number): PackedTokens {
  let greatest = 0;
  for (const value of vectors) greatest = Math.max(greatest, Math.abs(value));
  const scale = greatest === 0 ? 1 : greatest / GREATEST;
  return { dimensions, scale, rows: Int8Array.from(vectors, (value) => Math.round(value / scale)) };
}

/**
 * How well a text fits a query, −1 … 1: the mean over the query's tokens of the greatest cosine with
 * one of the text's tokens (late interaction; Khattab and Zaharia, "ColBERT", SIGIR 2020, equation 3,
 * divided by the query's length). 0 where either has no token.
 */
export function lateInteraction(query: Float32Array, text: PackedTokens): number {
  const { dimensions, rows, scale } = text;
  if (query.length === 0 || rows.length === 0) return 0;
  let total = 0;
  for (let from = 0; from < query.length; from += dimensions) {
    let best = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < rows.length; at += dimensions) {
      let sum = 0;
      for (let index = 0; index < dimensions; index += 1)
        sum += (query[from + index] as number) * (rows[at + index] as number);
      if (sum > best) best = sum;
    }
    total += best * scale;
  }
  return total / (query.length / dimensions);
}
