import type { ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { CollectionRow } from '../core/stores.ts';

/** Whether a collection is that of a vector store: made of uploaded files alone. */
export function isOfStore({ sources }: Pick<CollectionRow, 'sources'>): boolean {
  return sources.length > 0 && sources.every((spec) => spec.kind === 'files');
}

/** Tells of a vector store's collection that its time is over, before the hourly tidying takes it away. */
export function isStoreOver(objects: Pick<ObjectStore, 'doGetObject'>, clock: Pick<Clock, 'now'>) {
  return async (collection: CollectionRow): Promise<boolean> => {
    if (!isOfStore(collection)) return false;
    const store = await objects.doGetObject('vector_store', collection.name);
    return store === undefined || (store.expiresAt ?? Infinity) <= clock.now();
  };
}
