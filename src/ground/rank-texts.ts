import { indexTerms } from '../base/tokens.ts';
import { fuse } from './fusion.ts';
import { lexicalLeg } from './leg.ts';
import { LexicalIndex } from './lexical-index.ts';
import { VectorIndex } from './vector-index.ts';

export interface RankOrder {
  readonly query: string;
  readonly texts: readonly string[];
  /** Absent = by words alone. `texts` holds one vector for each text. */
  readonly vectors?: { readonly query: Float32Array; readonly texts: readonly Float32Array[] };
  /** Share of the dense leg in the score, 0 … 1. */
  readonly denseWeight: number;
}

export interface RankedText {
  readonly index: number;
  /** 0 … 1, scaled between the worst and the best of these texts; see `fuse`. */
  readonly score: number;
}

/** Texts by how well they fit the query, best first, all of them; ties in the order given. */
export function rankTexts({ query, texts, vectors, denseWeight }: RankOrder): RankedText[] {
  const lexical = new LexicalIndex();
  for (const text of texts) lexical.add(indexTerms(text));
  const dense = new VectorIndex();
  for (const vector of vectors?.texts ?? []) dense.add(vector);
  const words = lexicalLeg(lexical, indexTerms(query));
  const meaning = vectors && dense.search(vectors.query);
  const found = fuse(
    meaning === undefined
      ? [{ name: 'lexical', leg: words, weight: 1 }]
      : [
          { name: 'lexical', leg: words, weight: 1 - denseWeight },
          { name: 'dense', leg: meaning, weight: denseWeight },
        ],
    texts.length,
  );
  dense.release();
  const seen = new Set(found.map((one) => one.place));
  return [
    ...found.map(({ place, score }) => ({ index: place, score })),
    ...[...texts.keys()].filter((index) => !seen.has(index)).map((index) => ({ index, score: 0 })),
  ];
}
