import { labelText, type MicroModelParts } from '../../base/micro-model.ts';
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
  const vector = text.trim() === '' ? undefined : await vectorOf(parts, text, options);
  const features = vector === undefined ? 'n-grams' : 'n-grams+embedding';
  return { ...labelText(parts, text, vector), features };
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
