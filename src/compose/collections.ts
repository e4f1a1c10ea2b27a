import { VECTOR_STORE } from '../core/config-words.ts';
import type { Farm } from '../core/farm.ts';
import type { VectorStores } from '../core/vector-store.ts';
import { fatesOf } from '../ground/document-fate.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import { requireTextSpoke } from './describing.ts';
import type { Openings } from './openings.ts';
import type { SearchReaders } from './search-reader.ts';

type CollectionMethods = Pick<
  Farm,
  | 'collections'
  | 'documents'
  | 'standing'
  | 'warnings'
  | 'document'
  | 'documentText'
  | 'index'
  | 'stands'
  | 'changeCollection'
  | 'sayOfDocument'
  | 'fitWeight'
  | 'noteOpening'
  | 'dropCollection'
  | 'search'
>;

/** What the farm does with collections. */
export function composeCollections(parts: {
  readonly knowledge: Knowledge;
  readonly vectorStores: Pick<VectorStores, 'drop'>;
  readonly openings: Openings;
  readonly spokes: () => readonly SpokeRuntime[];
  readonly readers: SearchReaders;
}): CollectionMethods {
  const { knowledge, vectorStores, openings, spokes } = parts;
  const check = (context: string | null | undefined) => {
    if (context != null)
      requireTextSpoke(context, spokes(), { code: 'invalid_request', param: 'context' });
  };
  return {
    collections: (principals) => knowledge.list(principals),
    documents: (...request) => knowledge.documents(...request),
    standing: (collection, principals) => knowledge.standing(collection, principals),
    warnings: (collection, principals) => knowledge.warnings(collection, principals),
    document: (request) => knowledge.document(request),
    documentText: (request, signal) => knowledge.read(request, { signal }),
    index: (request, signal) => {
      check(request.settings?.context);
      return knowledge.index(request, { signal });
    },
    async stands(editions, principals) {
      const fate = await fatesOf(knowledge, editions, principals);
      return (edition) => fate(edition) === 'stands';
    },
    changeCollection: async (name, { principals, rules, owner, halfLifeDays, context }) => {
      check(context);
      return knowledge.change(name, {
        ...(principals === undefined ? {} : { principals }),
        ...(rules === undefined ? {} : { rules }),
        ...(owner === undefined ? {} : { owner: owner ?? undefined }),
        ...(halfLifeDays === undefined ? {} : { halfLifeDays: halfLifeDays ?? undefined }),
        ...(context === undefined ? {} : { context: context ?? undefined }),
      });
    },
    sayOfDocument: (collection, id, saying) => knowledge.say(collection, id, saying),
    fitWeight: (name, wish, signal) => knowledge.fitWeight(name, wish, { signal }),
    noteOpening: ({ collection, search, chunk }, caller) =>
      openings.note(collection, search, chunk, caller),
    async dropCollection(name) {
      const isDropped = await (name.startsWith(VECTOR_STORE)
        ? vectorStores.drop(name)
        : knowledge.drop(name));
      await openings.forget(name);
      return isDropped;
    },
    async search({ caller, ...request }, signal) {
      const reader = parts.readers(request.collection, caller);
      const result = await knowledge.search({ ...request, reader }, { signal });
      const id = openings.remember(request.collection, result);
      return { ...(id === undefined ? {} : { id }), ...result };
    },
  };
}
