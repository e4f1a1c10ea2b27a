import { readMicroModel } from '../../base/micro-model.ts';
import { readSpanTagger, tagSpans } from '../../base/span-tagger.ts';
import { CadreError } from '../../core/errors.ts';
import type { Classifier, Embedder } from '../../core/ports.ts';
import {
  type SpecialistKind,
  type SpecialistManifest,
  versionName,
} from '../../core/specialist.ts';
import { classifyBy } from './classify.ts';

/** Its figures were measured with vectors: a cold embedder is waited for, a missing one refuses at once. */
const EMBED_MS = 5000;

/** How each kind answers; an adapter is no model of its own, its base answers with it. */
const READERS: Readonly<Record<Exclude<SpecialistKind, 'adapter'>, typeof specialistClassifier>> = {
  intents: specialistSorter,
  extract: specialistExtractor,
};

/** A specialist that answers by itself, from its bytes. Throws `specialist_damaged` for what is no model. */
export function specialistClassifier(
  id: string,
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  embedder: Embedder | undefined,
): Classifier {
  const { kind } = manifest;
  if (kind !== 'adapter') return READERS[kind](id, manifest, bytes, embedder);
  throw new CadreError('specialist_damaged', `${versionName(manifest)} does not tell its base`);
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
      classifyBy(parts, text, { embedder, embedMs: EMBED_MS, signal }),
  };
}

/** Which version it is, and P(right) by the rows that it was measured on. */
export function madeOf(manifest: SpecialistManifest) {
  const { servedAccuracy, evaluationRows } = manifest.report;
  return {
    version: versionName(manifest),
    // Laplace's rule: twenty rows without a mistake are no proof of none.
    rate: (servedAccuracy * evaluationRows + 1) / (evaluationRows + 2),
    rows: evaluationRows,
  };
}

/**
 * Finds fields: `{fields: {NAME: value or null}, spans: [{start, end, label, text, confidence}]}`, all null
 * and no span where the text has none; of a field that is there several times the surest counts.
 */
function specialistExtractor(
  id: string,
  manifest: SpecialistManifest,
  bytes: Uint8Array,
): Classifier {
  const tagger = partsOf(manifest, bytes, readSpanTagger);
  return {
    id,
    labels: tagger.labels,
    made: madeOf(manifest),
    doClassify: async (text) => {
      const found = tagSpans(tagger, text).map((one) => ({
        ...one,
        text: text.slice(one.start, one.end),
        confidence: Math.round(one.confidence * 1000) / 1000,
      }));
      const surest = found.toSorted((a, b) => b.confidence - a.confidence);
      const fieldValue = (label: string) => surest.find((one) => one.label === label)?.text ?? null;
      return {
        label: surest[0]?.label ?? null,
        confidence: surest.at(-1)?.confidence ?? 1,
        ranked: [],
        features: 'spans',
        answer: {
          fields: Object.fromEntries(tagger.labels.map((label) => [label, fieldValue(label)])),
          spans: found,
        },
      };
    },
  };
}

function partsOf<T>(
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => T,
): T {
  try {
    return read(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError(
      'specialist_damaged',
      `${versionName(manifest)} does not serve: ${reason}`,
    );
  }
}
