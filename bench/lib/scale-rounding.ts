import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readDataFile } from '../../src/adapters/data-file.ts';
import { mean } from '../../src/base/statistics.ts';
import { chunkCorpus } from '../../src/ground/corpus-chunks.ts';
import { ndcg } from '../../src/ground/retrieval-measures.ts';
import { readRetrievalSet } from '../../src/ground/retrieval-set.ts';
import { VectorIndex } from '../../src/ground/vector-index.ts';
import { dataFolder } from './data.ts';
import { benchCachedEmbedder } from './embedder.ts';

const SETS = ['cranfield', 'med', 'code', 'vaswani'];
const DEPTH = 100;
const { signal } = new AbortController();

/** What int8 vectors lose against float32 on real texts and questions, by meaning alone. */
export async function measureRounding(): Promise<[string, Record<string, number>][]> {
  const embedder = benchCachedEmbedder(1);
  if (embedder === undefined) return [];
  const rows: [string, Record<string, number>][] = [];
  for (const name of SETS) {
    const set = readSet(name);
    const texts = set.chunks.map((chunk) => chunk.indexText);
    const vectors = await embedder.doEmbed(texts, 'passage', { signal });
    const questions = set.queries.map((one) => one.text);
    const queries = await embedder.doEmbed(questions, 'query', { signal });
    const index = new VectorIndex();
    for (const vector of vectors) index.add(vector);
    const rounded = queries.map((query) =>
      (index.search(query)?.top(DEPTH) ?? []).map((one) => one.place),
    );
    const exact = queries.map((query) => exactTop(vectors, query));
    const recall = (depth: number, among = depth) =>
      mean(
        exact.map((places, query) => {
          const found = new Set(rounded[query]?.slice(0, among));
          return places.slice(0, depth).filter((place) => found.has(place)).length / depth;
        }),
      );
    const quality = (ranked: readonly (readonly number[])[]) =>
      mean(
        ranked.map((places, query) => {
          const ids = places.map((place) => set.chunks[place]?.rowId ?? '');
          return ndcg([...new Set(ids)], set.grades.get(set.queries[query]?.id ?? '') ?? new Map());
        }),
      );
    index.release();
    const [float, int8] = [quality(exact), quality(rounded)];
    rows.push([
      name,
      {
        chunks: texts.length,
        floatNdcg10: float,
        int8Ndcg10: int8,
        difference: int8 - float,
        recallAt10: recall(10),
        recallAt10Among50: recall(10, 50),
        recallAt100: recall(100),
      },
    ]);
  }
  await embedder.doClose();
  return rows;
}

function readSet(name: string) {
  const named = (file: string) => {
    const path = join(dataFolder(), 'retrieval', name, file);
    return { path, text: readDataFile(path) };
  };
  const set = readRetrievalSet({
    corpus: named('corpus.jsonl.gz'),
    queries: named('queries.jsonl.gz'),
    judgements: named('qrels.tsv.gz'),
  });
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  return { ...set, chunks: chunkCorpus(set.corpus, hash) };
}

function exactTop(vectors: readonly Float32Array[], query: Float32Array): number[] {
  const scores = vectors.map((vector, place) => {
    let sum = 0;
    for (let at = 0; at < query.length; at += 1)
      sum += (vector[at] as number) * (query[at] as number);
    return { place, sum };
  });
  scores.sort((left, right) => right.sum - left.sum || left.place - right.place);
  return scores.slice(0, DEPTH).map((one) => one.place);
}
