import { classifyText, type MicroModelParts } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { placeOfLargest } from './held-out.ts';
import type { LadderEmbedder } from './ladder.ts';

/** One row judged by a model that had not seen it. */
export interface Judged {
  readonly row: LabelledText;
  readonly isRight: boolean;
  readonly confidence: number;
  readonly isAnswered: boolean;
  /** How well the best label fits, ≤ 0. */
  readonly fit: number;
}

export async function judgedBy(
  parts: MicroModelParts,
  rows: readonly LabelledText[],
  { embedder }: { readonly embedder?: LadderEmbedder },
): Promise<Judged[]> {
  const isFitting = embedder !== undefined && parts.embedding?.embedder === embedder.id;
  const { vectors } = isFitting
    ? await embedder.embed(rows.map((row) => row.text))
    : { vectors: [] };
  return rows.map((row, at) =>
    judgedOf(row, parts.labels, classifyText(parts, row.text, vectors[at])),
  );
}

export function judgedOf(
  row: LabelledText,
  labels: readonly string[],
  { probabilities, isNovel, fit }: ReturnType<typeof classifyText>,
): Judged {
  const best = placeOfLargest(probabilities);
  return {
    row,
    isRight: labels[best] === row.label,
    confidence: probabilities[best] ?? 0,
    isAnswered: !isNovel,
    fit,
  };
}
