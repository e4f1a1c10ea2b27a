/** Rows of sparse features over a chosen set of columns (compressed sparse rows). */
export interface SparseMatrix {
  readonly rowCount: number;
  readonly columnCount: number;
  /** `rowCount + 1` places in `columns` and `values`. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Hashed features of a text with their counts; see text-reading.ts. */
export interface FeatureCounts {
  readonly indices: Int32Array;
  readonly counts: Uint16Array;
}

/**
 * Which hashed features are columns, and what each weighs: ln(rows / rows that have it), the inverse
 * document frequency of Spärck Jones (1972).
 */
export interface Vocabulary {
  /** Feature index → column, −1 for none. */
  readonly places: Int32Array;
  /** Column → feature index, ascending. */
  readonly features: Int32Array;
  readonly weights: Float32Array;
  /** Weight of a feature that no row has. */
  readonly unknownWeight: number;
}

/** Rows that a feature must be in. */
const ROWS_LEAST = 2;

/** The features of at least two of the chosen rows, the most frequent `limit` of them. */
export function buildVocabulary(
  texts: readonly FeatureCounts[],
  rows: Int32Array,
  options: { readonly space: number; readonly limit: number },
): Vocabulary {
  const frequency = new Int32Array(options.space);
  for (const row of rows) {
    for (const index of texts[row]?.indices ?? []) frequency[index] = (frequency[index] ?? 0) + 1;
  }
  const found: number[] = [];
  frequency.forEach((count, index) => {
    if (count >= ROWS_LEAST && count < rows.length) found.push(index);
  });
  if (found.length > options.limit) {
    found.sort((a, b) => (frequency[b] ?? 0) - (frequency[a] ?? 0) || a - b);
    found.length = options.limit;
    found.sort((a, b) => a - b);
  }
  const features = Int32Array.from(found);
  const weights = Float32Array.from(features, (index) =>
    Math.log(rows.length / (frequency[index] as number)),
  );
  return vocabularyOf(features, weights, Math.log(Math.max(2, rows.length)), options.space);
}

export function vocabularyOf(
  features: Int32Array,
  weights: Float32Array,
  unknownWeight: number,
  space: number,
): Vocabulary {
  const places = new Int32Array(space).fill(-1);
  features.forEach((index, column) => {
    places[index] = column;
  });
  return { places, features, weights, unknownWeight };
}

/** The features of one text that are columns, as a vector of length 1. */
export interface WeighedText {
  readonly columns: Int32Array;
  readonly values: Float32Array;
  readonly size: number;
  /** Share of the squared weights that falls on columns, 0 … 1; 1 for an empty text. */
  readonly known: number;
}

/** A vector weighs (1 + ln count) × the column's weight. */
export function weighText(text: FeatureCounts, vocabulary: Vocabulary): WeighedText {
  const { indices, counts } = text;
  const columns = new Int32Array(indices.length);
  const values = new Float32Array(indices.length);
  let size = 0;
  let squares = 0;
  let missed = 0;
  for (let at = 0; at < indices.length; at += 1) {
    const column = vocabulary.places[indices[at] as number] as number;
    const count = counts[at] as number;
    const tally = count === 1 ? 1 : 1 + Math.log(count);
    if (column < 0) {
      missed += tally * tally;
      continue;
    }
    const value = tally * (vocabulary.weights[column] as number);
    columns[size] = column;
    values[size] = value;
    squares += value * value;
    size += 1;
  }
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let at = 0; at < size; at += 1) values[at] = (values[at] as number) * factor;
  const lost = missed * vocabulary.unknownWeight ** 2;
  return { columns, values, size, known: squares + lost === 0 ? 1 : squares / (squares + lost) };
}

/** The chosen rows as a matrix, in their order. */
export function weighRows(
  texts: readonly FeatureCounts[],
  rows: Int32Array,
  vocabulary: Vocabulary,
): { readonly matrix: SparseMatrix; readonly known: Float64Array } {
  const parts = Array.from(rows, (row) =>
    weighText(texts[row] ?? { indices: new Int32Array(), counts: new Uint16Array() }, vocabulary),
  );
  const starts = new Int32Array(rows.length + 1);
  parts.forEach((part, at) => {
    starts[at + 1] = (starts[at] as number) + part.size;
  });
  const total = starts[rows.length] as number;
  const columns = new Int32Array(total);
  const values = new Float32Array(total);
  parts.forEach((part, at) => {
    columns.set(part.columns.subarray(0, part.size), starts[at]);
    values.set(part.values.subarray(0, part.size), starts[at]);
  });
  const known = Float64Array.from(parts, (part) => part.known);
  const columnCount = vocabulary.features.length;
  return { matrix: { rowCount: rows.length, columnCount, starts, columns, values }, known };
}
