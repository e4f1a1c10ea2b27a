import { figuresOf } from './similar-questions.ts';

interface Entry {
  readonly key: string;
  readonly vector: Float32Array;
  readonly figures: string;
}

export interface SimilarFind {
  readonly key: string;
  /** Cosine. */
  readonly similarity: number;
}

/** Questions looked through for one; 2,000 × 384 products take about 1 ms. */
const PER_SCOPE = 2000;
/** An entry's objects besides its vector and its text. */
const ENTRY_BYTES = 300;

/**
 * Questions whose answers are kept, by what else was asked with them (`scope`): model, rights, label,
 * conversation, settings. Bounded by bytes; the oldest go first. In memory only.
 */
export class SimilarIndex {
  readonly #most: number;
  readonly #scopes = new Map<string, Entry[]>();
  /** Scope by key, the youngest last. */
  readonly #places = new Map<string, string>();
  #bytes = 0;

  constructor(limits: { readonly bytes: number }) {
    this.#most = limits.bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The nearest question with the same figures at or above the threshold; vectors have length 1. */
  find(
    scope: string,
    question: { readonly text: string; readonly vector: Float32Array },
    threshold: number,
  ): SimilarFind | undefined {
    const figures = figuresOf(question.text);
    let best: SimilarFind | undefined;
    for (const entry of this.#scopes.get(scope) ?? []) {
      if (entry.figures !== figures) continue;
      const similarity = cosine(entry.vector, question.vector);
      if (similarity >= threshold && similarity > (best?.similarity ?? -2))
        best = { key: entry.key, similarity };
    }
    return best;
  }

  add(
    scope: string,
    question: { readonly text: string; readonly vector: Float32Array },
    key: string,
  ): void {
    this.forget(key);
    const entry: Entry = { key, vector: question.vector, figures: figuresOf(question.text) };
    const entries = this.#scopes.get(scope) ?? [];
    const [oldest] = entries;
    if (entries.length >= PER_SCOPE && oldest !== undefined) this.forget(oldest.key);
    this.#scopes.set(scope, [...(this.#scopes.get(scope) ?? []), entry]);
    this.#places.set(key, scope);
    this.#bytes += bytesOf(scope, entry);
    for (const first of this.#places.keys()) {
      if (this.#bytes <= this.#most) return;
      this.forget(first);
    }
  }

  /** The answer is not kept any more. */
  forget(key: string): void {
    const scope = this.#places.get(key);
    if (scope === undefined) return;
    this.#places.delete(key);
    const entries = this.#scopes.get(scope) ?? [];
    const left = entries.filter((entry) => entry.key !== key);
    for (const entry of entries) if (entry.key === key) this.#bytes -= bytesOf(scope, entry);
    if (left.length === 0) this.#scopes.delete(scope);
    else this.#scopes.set(scope, left);
  }
}

/** About the bytes that an entry takes in memory; its scope is counted with each. */
function bytesOf(scope: string, { key, vector, figures }: Entry): number {
  return ENTRY_BYTES + vector.byteLength + 2 * (scope.length + key.length + figures.length);
}

/** Of vectors of length 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}
