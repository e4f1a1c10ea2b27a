import { type MicroModelParts, readMicroModel } from '../../base/micro-model.ts';
import { CadreError } from '../../core/errors.ts';
import type { Classifier, Embedder } from '../../core/ports.ts';
import { type SpecialistManifest, versionName } from '../../core/specialist.ts';
import { classifyBy } from './classify.ts';

/** Its figures were measured with vectors: a cold embedder is waited for, a missing one refuses at once. */
const EMBED_MS = 5000;

/** A specialist that sorts texts, from its bytes. Throws `specialist_damaged` for what is no model. */
export function specialistClassifier(
  id: string,
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  embedder: Embedder | undefined,
): Classifier {
  const parts = partsOf(manifest, bytes);
  const { servedAccuracy, evaluationRows } = manifest.report;
  return {
    id,
    labels: parts.labels,
    made: {
      version: versionName(manifest),
      // Laplace's rule: twenty rows without a mistake are no proof of none.
      rate: (servedAccuracy * evaluationRows + 1) / (evaluationRows + 2),
      rows: evaluationRows,
    },
    doClassify: (text, { signal }) =>
      classifyBy(parts, text, { embedder, embedMs: EMBED_MS, signal }),
  };
}

function partsOf(manifest: SpecialistManifest, bytes: Uint8Array): MicroModelParts {
  try {
    return readMicroModel(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError(
      'specialist_damaged',
      `${versionName(manifest)} does not serve: ${reason}`,
    );
  }
}
