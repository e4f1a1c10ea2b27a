import type { DocumentEdition } from '../core/evidence.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * What became of a document since it was read: it is as it was, another version took its place, or it
 * is gone or closed to the reader.
 */
export type DocumentFate = 'stands' | 'changed' | 'hidden';

/** For the principals (undefined = an operator), by one look at the store per collection. */
export async function fatesOf(
  { versions }: Pick<Knowledge, 'versions'>,
  editions: readonly DocumentEdition[],
  principals: readonly string[] | undefined,
): Promise<(edition: DocumentEdition) => DocumentFate> {
  const found = new Map<string, ReadonlyMap<string, number>>();
  for (const [collection, group] of Map.groupBy(editions, (one) => one.collection)) {
    const ids = [...new Set(group.map((one) => one.documentId))];
    found.set(collection, await versions({ collection, ids, principals }));
  }
  return ({ collection, documentId, documentVersion }) => {
    const version = found.get(collection)?.get(documentId);
    if (version === undefined) return 'hidden';
    return version === documentVersion ? 'stands' : 'changed';
  };
}
