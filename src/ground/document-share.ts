/** All places of the document that a place is of; the same list for all of them. */
export type SiblingsOf = (place: number) => readonly number[];

/**
 * Share of its document's best chunk in a chunk's score. The words of a question often stand in one
 * part of a document and its answer in another. On chunks of source files, where this was measured,
 * Pass@20 rises from .903 to .936 and nDCG@10 from .747 to .760 with .5 (1: .939 and .763, none: see
 * bench/knowledge-hybrid); documents of one chunk keep their order.
 */
const DOCUMENT_SHARE = 0.5;

/**
 * Candidates, best first with scores of 0 … 1, each with a share of the best score that its document
 * has among them; again of 0 … 1 and best first.
 */
export function shareInDocument<T extends { readonly place: number; readonly score: number }>(
  ranked: readonly T[],
  siblingsOf: SiblingsOf,
): T[] {
  const best = new Map<readonly number[], number>();
  const raised = ranked.map((one) => {
    const document = siblingsOf(one.place);
    const greatest = best.get(document) ?? one.score;
    best.set(document, greatest);
    return { ...one, score: (one.score + DOCUMENT_SHARE * greatest) / (1 + DOCUMENT_SHARE) };
  });
  return raised.sort((left, right) => right.score - left.score || left.place - right.place);
}
