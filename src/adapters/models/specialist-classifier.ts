import { readMicroModel } from '../../base/micro-model.ts';
import { CadreError } from '../../core/errors.ts';
import type { Classifier, Embedder } from '../../core/ports.ts';
import {
  type SpecialistKind,
  type SpecialistManifest,
  versionName,
} from '../../core/specialist.ts';
import { classifyBy, SPECIALIST_EMBED_MS } from './classify.ts';
import { specialistExtractor } from './specialist-extractor.ts';
import { specialistGrader } from './specialist-grader.ts';
import { madeOf, partsOf } from './specialist-parts.ts';

/** How each kind answers; an adapter is no model of its own, its base answers with it. */
const READERS: Readonly<
  Record<Exclude<SpecialistKind, 'rank' | 'adapter'>, typeof specialistClassifier>
> = {
  intents: specialistSorter,
  extract: specialistExtractor,
  score: specialistGrader,
};

/** A specialist that answers by itself, from its bytes. Throws `specialist_damaged` for what is no model. */
export function specialistClassifier(
  id: string,
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  embedder: Embedder | undefined,
): Classifier {
  const { kind } = manifest;
  if (kind !== 'adapter' && kind !== 'rank') return READERS[kind](id, manifest, bytes, embedder);
  throw new CadreError('specialist_damaged', `${versionName(manifest)} answers no text by itself`);
}

/** Sorts texts into labels. */
function specialistSorter(
  id: string,
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  embedder: Embedder | undefined,
): Classifier {
  const parts = partsOf(manifest, bytes, readMicroModel);
  return {
    id,
    labels: parts.labels,
    made: madeOf(manifest),
    doClassify: (text, { signal }) =>
      classifyBy(parts, text, { embedder, embedMs: SPECIALIST_EMBED_MS, signal }),
  };
}
