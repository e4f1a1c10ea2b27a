import type { RowVectors } from './rank-folds.ts';
import type { RankRow } from './rank-rows.ts';

export interface RankEmbedder {
  readonly id: string;
  /** One unit vector per text, and the CPU milliseconds that all took. */
  embed(
    texts: readonly string[],
    kind: 'query' | 'passage',
  ): Promise<{ readonly vectors: readonly Float32Array[]; readonly cpuMs: number }>;
}

/** Vectors of rows; each text is embedded once. */
export class RankVectors {
  readonly #embedder: RankEmbedder;
  readonly #queries = new Map<string, Float32Array>();
  readonly #passages = new Map<string, Float32Array>();
  #ms = { query: 0, passage: 0 };

  constructor(embedder: RankEmbedder) {
    this.#embedder = embedder;
  }

  get embedder(): string {
    return this.#embedder.id;
  }

  /** Of a vector; 0 before the first. */
  get dimensions(): number {
    return this.#queries.values().next().value?.length ?? 0;
  }

  /** What the vectors of these rows are, by row. */
  async of(rows: readonly RankRow[]): Promise<(row: RankRow) => RowVectors> {
    await this.#add(
      'query',
      this.#queries,
      rows.map((row) => row.query),
    );
    await this.#add(
      'passage',
      this.#passages,
      rows.flatMap((row) => row.passages.map((one) => one.text)),
    );
    return (row) => ({
      query: this.#queries.get(row.query) ?? new Float32Array(),
      passages: row.passages.map((one) => this.#passages.get(one.text) ?? new Float32Array()),
    });
  }

  /** CPU milliseconds that the texts of one request take: a query and so many passages. */
  requestMs(passages: number): number {
    const { query, passage } = this.#ms;
    const each = (sum: number, count: number) => sum / Math.max(1, count);
    return each(query, this.#queries.size) + passages * each(passage, this.#passages.size);
  }

  async #add(
    kind: 'query' | 'passage',
    known: Map<string, Float32Array>,
    texts: readonly string[],
  ): Promise<void> {
    const missing = [...new Set(texts)].filter((text) => !known.has(text));
    if (missing.length === 0) return;
    const { vectors, cpuMs } = await this.#embedder.embed(missing, kind);
    if (vectors.length !== missing.length)
      throw new RangeError(
        `${this.#embedder.id} gave ${vectors.length} vectors for ${missing.length} texts`,
      );
    this.#ms = { ...this.#ms, [kind]: this.#ms[kind] + cpuMs };
    missing.forEach((text, at) => {
      const vector = vectors[at];
      if (vector !== undefined) known.set(text, vector);
    });
  }
}
