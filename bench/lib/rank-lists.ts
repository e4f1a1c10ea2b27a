import { join } from 'node:path';
import { openRetrievalFolder } from '../../src/compose/retrieval-folder.ts';
import type { Embedder } from '../../src/core/ports.ts';
import type { RankRow } from '../../src/learn/rank-rows.ts';
import { dataFolder, shuffleByHash } from './data.ts';
import { readBanking77 } from './intent-sets.ts';

/** Best chunks by words, and by meaning, that a list is made of. */
const DEPTH = 20;

/**
 * What is to be ordered for the queries of a set in BEIR's layout: the best 20 chunks by words and the
 * best 20 by meaning, in the order of their ids. A query that finds none or nothing else is left out.
 */
export async function foundLists(set: string, embedder: Embedder): Promise<RankRow[]> {
  const { set: read, ...found } = await openRetrievalFolder(
    { corpus: join(dataFolder(), 'retrieval', set) },
    { embedder, onProgress: () => undefined, signal: new AbortController().signal },
  );
  return read.queries.flatMap(({ id, text: query }, at) => {
    const queryVector = found.vectors[at];
    if (queryVector === undefined) return [];
    const wish = { query, queryVector, limit: DEPTH, denseWeight: 0.5 };
    const ids = (['lexical', 'dense'] as const).flatMap((leg) =>
      found.index.search({ ...wish, legs: [leg] }).ranked.map((one) => one.chunkId),
    );
    const grades = read.grades.get(id);
    const passages = [...new Set(ids)].sort().flatMap((chunkId) => {
      const chunk = found.chunks.get(chunkId);
      return chunk === undefined
        ? []
        : [{ text: chunk.indexText, grade: grades?.get(chunk.rowId) ?? 0 }];
    });
    const relevant = passages.filter((one) => one.grade > 0).length;
    return relevant === 0 || relevant === passages.length ? [] : [{ query, passages }];
  });
}

/**
 * A question of a bank's customer beside one question of each of the 77 kinds, of which the one of its
 * own kind is relevant: the same passages come again for every query, as answers of a help desk do.
 */
export function answerLists(
  file: 'train' | 'test',
  count: number,
  seed: string,
): readonly RankRow[] {
  const sets = readBanking77();
  const shuffled = (name: 'train' | 'test') => shuffleByHash(sets[name], (row) => row.text, seed);
  const answers = new Map(shuffled('train').map((row) => [row.label, row.text]));
  const taken = new Set(answers.values());
  return shuffled(file)
    .filter((row) => !taken.has(row.text))
    .slice(0, count)
    .map(({ text, label }) => ({
      query: text,
      passages: [...answers].map(([kind, answer]) => ({
        text: answer,
        grade: kind === label ? 1 : 0,
      })),
    }));
}
