import { gradeText, readGradeModel, stepOf } from '../../base/grade-model.ts';
import { CadreError } from '../../core/errors.ts';
import type { Classifier, Embedder } from '../../core/ports.ts';
import type { SpecialistManifest } from '../../core/specialist.ts';
import { SPECIALIST_EMBED_MS, vectorOf } from './classify.ts';
import { madeOf, partsOf } from './specialist-parts.ts';

/** Gives texts a number; n-grams speak alone while the embedder does not work. */
export function specialistGrader(
  id: string,
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  embedder: Embedder | undefined,
): Classifier {
  const model = partsOf(manifest, bytes, readGradeModel);
  return {
    id,
    labels: [],
    made: madeOf(manifest),
    doClassify: async (text, { signal }) => {
      if (text.trim() === '')
        throw new CadreError(
          'invalid_request',
          `${id} gives a text a number, and there is no text`,
          { param: 'messages' },
        );
      const options = { embedder, embedMs: SPECIALIST_EMBED_MS, signal };
      const vector = await vectorOf(model.embedding?.embedder, text, options);
      const { value, confidence } = gradeText(model, text, vector);
      return {
        label: String(value),
        confidence,
        ranked: [],
        features: vector === undefined ? 'n-grams' : 'n-grams+embedding',
        grade: { value, nearest: stepOf(value, model.scale) },
      };
    },
  };
}
