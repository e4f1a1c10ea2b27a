import type { EvidenceSentence } from '../core/evidence.ts';
import type { SourceReference } from '../core/receipt.ts';
import { given } from './given.ts';

/** What tells two sentences apart. */
export function placeOf(sentence: EvidenceSentence): string {
  const { collection, documentId, documentVersion, start, end } = sentence;
  return JSON.stringify([collection, documentId, documentVersion, start, end]);
}

export function referenceOf(
  sentence: EvidenceSentence,
  score: number,
  cited: boolean,
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
    score,
    cited,
  };
}
