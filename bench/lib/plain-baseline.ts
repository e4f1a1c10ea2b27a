import { join } from 'node:path';
import { readDataFile } from '../../src/adapters/data-file.ts';
import { measureRanking } from '../../src/ground/retrieval-measures.ts';
import { readRetrievalSet } from '../../src/ground/retrieval-set.ts';
import { PlainBm25 } from './plain-bm25.ts';

/** Documents that recall looks at. */
const DEPTH = 100;

/** How plain BM25 ranks every query of a folder in BEIR's layout, documents whole. */
export function measurePlain(folder: string) {
  const named = (file: string) => {
    const path = join(folder, file);
    return { path, text: readDataFile(path) };
  };
  const set = readRetrievalSet({
    corpus: named('corpus.jsonl.gz'),
    queries: named('queries.jsonl.gz'),
    judgements: named('qrels.tsv.gz'),
  });
  const plain = new PlainBm25(
    set.corpus.map(({ id, title, text }) => ({
      id,
      text: text.startsWith(title) ? text : `${title}\n${text}`,
    })),
  );
  return set.queries.map((query) =>
    measureRanking(plain.rank(query.text, DEPTH), set.grades.get(query.id) ?? new Map()),
  );
}
