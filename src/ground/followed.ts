import { questionTerms } from '../base/question-terms.ts';
import { indexTerms } from '../base/tokens.ts';
import { readableText } from '../core/evidence.ts';
import type { FoundChunkRow } from '../core/stores.ts';
import { termShare } from './bridging.ts';
import type { FoundChunk } from './evidence.ts';

/** Passages that one step brings. */
export const MOST_TAKEN = 2;
/** Share of the question's terms in a passage that is followed. */
export const SPEAKS_OF_IT = 0.5;
const GOES_ON =
  /:$|\b(?:the following|as follows|(?:listed|shown|given|table|list|steps) below)\b/iu;
const GOES_BACK = /^(?:this|these|that|those|it|they|such|in that case|otherwise)\b/iu;

/** Passages that speak of the name and of something that is still missing. */
export function bringing(
  found: readonly FoundChunk[],
  name: string,
  missing: readonly string[],
): readonly FoundChunk[] {
  const named = questionTerms(name);
  return found
    .filter(({ chunk }) => {
      const text = textOf(chunk);
      return termShare(named, text) >= SPEAKS_OF_IT && termShare(missing, text) > 0;
    })
    .slice(0, MOST_TAKEN);
}

/** Those of the rows that have most of the question's words, as if found where the first one was. */
export function nearest(
  rows: readonly FoundChunkRow[],
  query: string,
  from: FoundChunk,
): readonly FoundChunk[] {
  const terms = questionTerms(query);
  return rows
    .map((row) => ({ row, share: termShare(terms, textOf(row)) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_TAKEN)
    .map(({ row }) => followed(row, from));
}

export function followed(chunk: FoundChunkRow, { ranked }: FoundChunk): FoundChunk {
  return {
    chunk,
    ranked: { chunkId: chunk.id, score: ranked.score, legs: [], lexicalScore: 0, coverage: 0 },
  };
}

/** 1 = it goes on in the next passage, −1 = it refers to the one before. */
export function sideOf(chunk: FoundChunkRow): -1 | 0 | 1 {
  if (GOES_ON.test(chunk.sentences.at(-1)?.text.trim() ?? '')) return 1;
  const first = chunk.sentences[0]?.text.trim() ?? '';
  return GOES_BACK.test(first) && indexTerms(first).length > 0 ? -1 : 0;
}

export function textOf(chunk: Pick<FoundChunkRow, 'path' | 'headings' | 'sentences'>): string {
  const sentences = chunk.sentences.map(readableText);
  return [chunk.path.replaceAll(/[/._-]/gu, ' '), ...chunk.headings, ...sentences].join('\n');
}
