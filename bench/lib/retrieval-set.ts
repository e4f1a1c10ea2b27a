import { createHash } from 'node:crypto';
import type { Block } from '../../src/core/ports.ts';
import type { ChunkRow } from '../../src/core/stores.ts';
import { toChunks } from '../../src/ground/chunks.ts';
import { readData, readJsonLines } from './data.ts';
import type { Grades } from './ranking.ts';

export interface RetrievalSet {
  readonly name: string;
  /** Chunks of all documents; `documentId` is the id of the judgements. */
  readonly chunks: readonly ChunkRow[];
  readonly documentCount: number;
  readonly queries: readonly { readonly id: string; readonly text: string }[];
  readonly grades: ReadonlyMap<string, Grades>;
}

interface TextRow {
  readonly _id: string;
  readonly title?: string;
  readonly text: string;
}

/** Reads a folder in BEIR's layout and cuts its documents as the product does. */
export function readRetrievalSet(name: string): RetrievalSet {
  const corpus = readJsonLines<TextRow>('retrieval', name, 'corpus.jsonl.gz');
  const grades = new Map<string, Map<string, number>>();
  for (const line of readData('retrieval', name, 'qrels.tsv.gz').split('\n')) {
    const [query, document, grade] = line.split('\t');
    if (query === undefined || document === undefined || !(Number(grade) > 0)) continue;
    const row = grades.get(query) ?? new Map<string, number>();
    grades.set(query, row.set(document, Number(grade)));
  }
  const queries = readJsonLines<TextRow>('retrieval', name, 'queries.jsonl.gz')
    .filter((row) => grades.has(row._id))
    .map((row) => ({ id: row._id, text: row.text }));
  const kind = name === 'code' ? 'code' : 'paragraph';
  const chunks = corpus.flatMap((row) => chunksOf(row, kind));
  return { name, chunks, documentCount: corpus.length, queries, grades };
}

function chunksOf(row: TextRow, kind: Block['kind']): readonly ChunkRow[] {
  const { text } = row;
  const title = row.title && !text.startsWith(row.title) ? [row.title] : [];
  const block: Block = { kind, text, start: 0, end: text.length, headings: title };
  const hash = (value: string) => createHash('sha256').update(value).digest('hex');
  return toChunks({ text, blocks: [block] }, { documentId: row._id, version: 1, path: '', hash })
    .chunks;
}
