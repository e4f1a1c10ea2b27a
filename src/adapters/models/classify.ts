import { classifyText, type MicroModelParts } from '../../base/micro-model.ts';
import { rankLabels } from '../../base/ngram-classifier.ts';
import type { CallOptions, Classification, Embedder } from '../../core/ports.ts';

interface ClassifyOptions extends CallOptions {
  readonly embedder: Embedder | undefined;
  /** An embedder that is slower than this is not waited for. */
  readonly embedMs: number;
}

/** What a micro-model makes of a text; n-grams speak alone while the embedder does not work. */
export async function classifyBy(
  parts: MicroModelParts,
  text: string,
  options: ClassifyOptions,
): Promise<Classification> {
  if (text.trim() === '') return emptyAnswer(parts);
  const vector = await vectorOf(parts, text, options);
  const verdict = classifyText(parts, text, vector);
  const ranked = rankLabels(parts.labels, verdict.probabilities);
  const best = ranked[0];
  const features = vector === undefined ? 'n-grams' : 'n-grams+embedding';
  return verdict.isNovel || best === undefined
    ? { label: null, confidence: 1 - verdict.inScope, ranked, features }
    : { label: best.label, confidence: best.probability, ranked, features };
}

async function vectorOf(
  parts: MicroModelParts,
  text: string,
  { embedder, embedMs, signal }: ClassifyOptions,
): Promise<Float32Array | undefined> {
  if (embedder === undefined || parts.embedding?.embedder !== embedder.id) return undefined;
  const bound = AbortSignal.any([signal, AbortSignal.timeout(embedMs)]);
  try {
    return (await embedder.doEmbed([text], 'passage', { signal: bound }))[0];
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** A text without a visible character belongs to no label. */
function emptyAnswer(parts: MicroModelParts): Classification {
  const probability = 1 / parts.labels.length;
  const ranked = parts.labels.map((label) => ({ label, probability }));
  return { label: null, confidence: 1, ranked, features: 'n-grams' };
}
