import type { CollectionWarning } from '../../src/core/document-text.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { Passage } from '../../src/core/evidence.ts';
import type { Knowledge } from '../../src/ground/knowledge.ts';

/** What a search in a collection finds, whatever is asked. */
export interface ScriptedCollection {
  readonly sentences: readonly string[];
  /** In their place, with all that passages tell. */
  readonly passages?: readonly Passage[];
  /** 0 … 1; 0.9 when absent. */
  readonly strength?: number;
  /** Everyone when absent. */
  readonly principals?: readonly string[];
  /** Why there may be more. */
  readonly warnings?: readonly CollectionWarning[];
  /** Ids of documents that went after they were found. */
  readonly fallen?: Set<string>;
}

export const PUMP = [
  'The Halvard 300 pump must be serviced every 1,200 operating hours.',
  'The seal kit has the part number HV-SK-17.',
  'The pump weighs 84 kg without its base plate.',
];

export function passagesOf(collection: string, sentences: readonly string[]): readonly Passage[] {
  if (sentences.length === 0) return [];
  return [
    {
      chunkId: `${collection}-1`,
      score: 1,
      lexicalScore: 1,
      sentences: sentences.map((text, index) => ({
        number: index + 1,
        text,
        collection,
        documentId: `${collection}-document`,
        documentVersion: 1,
        path: 'manual.md',
        headings: ['Manual'],
        start: index * 200,
        end: index * 200 + text.length,
      })),
    },
  ];
}

export interface ScriptedKnowledge extends Knowledge {
  /** Collections that were searched, in order. */
  readonly searched: string[];
}

/** Knowledge that needs no folder and no index. Readers see what their principals may see. */
export function scriptedKnowledge(
  collections: Readonly<Record<string, ScriptedCollection>>,
): ScriptedKnowledge {
  const searched: string[] = [];
  const mayRead = (one: ScriptedCollection, principals: readonly string[] | undefined) =>
    principals === undefined ||
    (one.principals ?? ['public']).some((principal) => principals.includes(principal));
  const visible = (principals?: readonly string[]) =>
    Object.entries(collections).filter(([, one]) => mayRead(one, principals));
  return {
    searched,
    writeContexts: async () => undefined,
    async evidence({ collection, principals }, { signal }) {
      signal.throwIfAborted();
      searched.push(collection);
      const found = collections[collection];
      if (found === undefined || !mayRead(found, principals))
        throw new CadreError('collection_not_found', `there is no collection ${collection}`);
      return {
        passages: found.passages ?? passagesOf(collection, found.sentences),
        strength: found.strength ?? (found.sentences.length > 0 ? 0.9 : 0),
        legs: ['lexical'],
        warnings: found.warnings ?? [],
      };
    },
    likeness: async ({ collection }) => collections[collection]?.strength ?? 0.9,
    async search({ collection }) {
      const sentences = collections[collection]?.sentences ?? [];
      const passages = passagesOf(collection, sentences);
      return { passages, legs: ['lexical'], indexVersion: 1, ms: 0 };
    },
    async list(principals) {
      return visible(principals).map(([name, one]) => ({
        name,
        sources: [{ kind: 'folder' as const, folder: `/documents/${name}` }],
        watched: false,
        principals: one.principals ?? ['public'],
        version: 1,
        embedder: null,
      }));
    },
    async versions({ collection, ids, principals }) {
      const found = collections[collection];
      if (found === undefined || !mayRead(found, principals)) return new Map();
      const shown = found.passages ?? passagesOf(collection, found.sentences);
      const documents = shown
        .flatMap((passage) => passage.sentences)
        .filter((one) => ids.includes(one.documentId) && !found.fallen?.has(one.documentId));
      return new Map(documents.map((one) => [one.documentId, one.documentVersion]));
    },
    names: (principals) => visible(principals).map(([name]) => name),
    async *index() {},
    async watchAll() {},
    documents: async () => [],
    warnings: () => [],
    standing: async () => undefined,
    document: async () => undefined,
    read: async () => undefined,
    change: async () => undefined,
    say: async () => undefined,
    fitWeight: async () => {
      throw new CadreError('collection_not_found', 'there is no collection');
    },
    drop: async () => false,
  };
}
