import { labelText, type MicroModelParts } from '../../base/micro-model.ts';
import type { Classification } from '../../core/classification.ts';
import type { CallOptions, Embedder } from '../../core/ports.ts';

/** Figures of specialists were measured with vectors: a cold embedder is waited for, a missing one refuses at once. */
export const SPECIALIST_EMBED_MS = 5000;

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
  const wanted = parts.embedding?.embedder;
  const vector = text.trim() === '' ? undefined : await vectorOf(wanted, text, options);
  const features = vector === undefined ? 'n-grams' : 'n-grams+embedding';
  return { ...labelText(parts, text, vector), features };
}

/** The text's vector by the embedder of this id; undefined while it does not work. */
export async function vectorOf(
  wanted: string | undefined,
  text: string,
  { embedder, embedMs, signal }: ClassifyOptions,
): Promise<Float32Array | undefined> {
  if (embedder === undefined || wanted !== embedder.id) return undefined;
  const bound = AbortSignal.any([signal, AbortSignal.timeout(embedMs)]);
  try {
    return (await embedder.doEmbed([text], 'passage', { signal: bound }))[0];
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
