import { readSpanTagger, tagSpans } from '../../base/span-tagger.ts';
import type { Classifier } from '../../core/ports.ts';
import type { SpecialistManifest } from '../../core/specialist.ts';
import { madeOf, partsOf } from './specialist-parts.ts';

/**
 * Finds fields: `{fields: {NAME: value or null}, spans: [{start, end, label, text, confidence}]}`, all null
 * and no span where the text has none; of a field that is there several times the surest counts.
 */
export function specialistExtractor(
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
