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
const SCOPES = 500;

/**
 * Questions whose answers are kept, by what else was asked with them (`scope`): model, rights, label,
 * conversation, settings. Bounded; the oldest go first. In memory only.
 */
export class SimilarIndex {
  readonly #scopes = new Map<string, Entry[]>();

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
    const entries = (this.#scopes.get(scope) ?? []).filter((entry) => entry.key !== key);
    entries.push({ key, vector: question.vector, figures: figuresOf(question.text) });
    if (entries.length > PER_SCOPE) entries.shift();
    this.#scopes.delete(scope);
    this.#scopes.set(scope, entries);
    for (const oldest of this.#scopes.keys()) {
      if (this.#scopes.size <= SCOPES) return;
      this.#scopes.delete(oldest);
    }
  }

  /** The answer is not kept any more. */
  forget(scope: string, key: string): void {
    const entries = (this.#scopes.get(scope) ?? []).filter((entry) => entry.key !== key);
    if (entries.length === 0) this.#scopes.delete(scope);
    else this.#scopes.set(scope, entries);
  }
}

/** Of vectors of length 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}
