import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readDataFile } from '../adapters/data-file.ts';
import { CadreError } from '../core/errors.ts';
import type { Embedder } from '../core/ports.ts';
import { CollectionIndex } from '../ground/collection-index.ts';
import { type CorpusChunk, chunkCorpus } from '../ground/corpus-chunks.ts';
import { type NamedText, type RetrievalSet, readRetrievalSet } from '../ground/retrieval-set.ts';
import { contentHash } from './content-hash.ts';

export interface FolderWish {
  /** A folder in BEIR's layout. */
  readonly corpus: string;
  /** A file of judgements; absent = qrels.tsv or qrels/test.tsv of the folder. */
  readonly judgements?: string;
}

export interface FolderParts {
  /** Undefined where no embedder is installed. */
  readonly embedder: Embedder | undefined;
  readonly onProgress: (stage: string, done: number, of: number) => void;
  readonly signal: AbortSignal;
}

const BATCH = 32;

/** A folder that is ready to be searched. */
export interface OpenedFolder {
  readonly set: RetrievalSet;
  readonly index: CollectionIndex;
  /** By id. */
  readonly chunks: ReadonlyMap<string, CorpusChunk>;
  /** Of the queries; empty without an embedder. */
  readonly vectors: readonly Float32Array[];
}

/** Reads, cuts and indexes a folder as the product does, with the embedder where there is one. */
export async function openRetrievalFolder(
  wish: FolderWish,
  parts: FolderParts,
): Promise<OpenedFolder> {
  const set = readFolder(wish);
  const indexed = await buildIndex(set, parts.embedder !== undefined, parts);
  const texts = set.queries.map((query) => query.text);
  return { set, ...indexed, vectors: await embed(texts, 'query', parts) };
}

function readFolder({ corpus: folder, judgements }: FolderWish): RetrievalSet {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new CadreError('invalid_request', `--corpus ${folder} is no folder`);
  return readRetrievalSet({
    corpus: readOneOf(folder, ['corpus.jsonl']),
    queries: readOneOf(folder, ['queries.jsonl']),
    judgements:
      judgements === undefined
        ? readOneOf(folder, ['qrels.tsv', 'qrels/test.tsv'])
        : { path: judgements, text: readDataFile(judgements) },
  });
}

function readOneOf(folder: string, names: readonly string[]): NamedText {
  for (const name of names.flatMap((one) => [one, `${one}.gz`])) {
    const path = join(folder, name);
    if (existsSync(path)) return { path, text: readDataFile(path) };
  }
  const other = ['qrels/dev.tsv', 'qrels/train.tsv'].find((name) => existsSync(join(folder, name)));
  const hint =
    names.length > 1 && other !== undefined
      ? `; name ${join(folder, other)} with --qrels`
      : '; a folder in BEIR’s layout has corpus.jsonl, queries.jsonl and qrels.tsv or qrels/test.tsv, each plain or .gz';
  throw new CadreError('invalid_request', `${folder} has no ${names.join(' and no ')}${hint}`);
}

async function buildIndex(
  set: RetrievalSet,
  needsVectors: boolean,
  parts: FolderParts,
): Promise<Pick<OpenedFolder, 'index' | 'chunks'>> {
  const chunks = chunkCorpus(set.corpus, contentHash);
  const vectors = needsVectors
    ? await embed(
        chunks.map((chunk) => chunk.indexText),
        'passage',
        parts,
      )
    : [];
  const index = new CollectionIndex();
  index.applyChanges({
    dropped: [],
    chunks: chunks.map((chunk, at) => {
      const embedding = vectors[at];
      return embedding === undefined ? chunk : { ...chunk, embedding };
    }),
  });
  return { index, chunks: new Map(chunks.map((chunk) => [chunk.id, chunk])) };
}

async function embed(
  texts: readonly string[],
  kind: 'query' | 'passage',
  { embedder, onProgress, signal }: FolderParts,
): Promise<Float32Array[]> {
  if (embedder === undefined) return [];
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += BATCH) {
    signal.throwIfAborted();
    vectors.push(...(await embedder.doEmbed(texts.slice(at, at + BATCH), kind, { signal })));
    onProgress(kind === 'query' ? 'queries' : 'chunks', vectors.length, texts.length);
  }
  return vectors;
}
