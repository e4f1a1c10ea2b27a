import type { EvidenceSentence, LegDeviations } from '../core/evidence.ts';
import type { SourceReference } from '../core/receipt.ts';
import { given } from './given.ts';

/** What tells two sentences apart. */
export function placeOf(sentence: EvidenceSentence): string {
  const { collection, documentId, documentVersion, start, end } = sentence;
  return JSON.stringify([collection, documentId, documentVersion, start, end]);
}

/** To the thousandth. */
export function inThousandths({ words, meaning }: LegDeviations): LegDeviations {
  return { words: Math.round(words * 1000) / 1000, meaning: Math.round(meaning * 1000) / 1000 };
}

export function referenceOf(
  sentence: EvidenceSentence,
  found: Pick<SourceReference, 'score' | 'deviations' | 'cited'>,
): SourceReference {
  const { collection, documentId, documentVersion, path, page, line, start, end } = sentence;
  const { modifiedAt, indexVersion } = sentence;
  return {
    collection,
    documentId,
    documentVersion,
    path,
    ...given('modifiedAt', modifiedAt),
    ...given('indexVersion', indexVersion),
    ...given('page', page),
    ...given('line', line),
    start,
    end,
    ...found,
  };
}
