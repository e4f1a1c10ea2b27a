import type { VectorFileWish, VectorStoreBody } from '../core/vector-store.ts';

/** Wished files as a store keeps them; one that is there already keeps attributes that are not given anew. */
export function entriesOf(
  wishes: readonly VectorFileWish[],
  addedAt: number,
  stored: VectorStoreBody['files'],
): VectorStoreBody['files'] {
  return Object.fromEntries(
    wishes.map(({ id, attributes = stored[id]?.attributes ?? {} }) => [
      id,
      { attributes, addedAt },
    ]),
  );
}
