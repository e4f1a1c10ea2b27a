/** A sentence that an answer may cite, with the place it was taken from. */
export interface EvidenceSentence {
  /** The number the spoke sees and cites: 1, 2, 3 … unique within one request. */
  readonly number: number;
  readonly text: string;
  readonly collection: string;
  readonly documentId: string;
  readonly documentVersion: number;
  /** Path of the document inside its collection, with forward slashes. */
  readonly path: string;
  /** The document's own title, where it has one. */
  readonly title?: string;
  /** When the document was last changed, in milliseconds since the epoch. */
  readonly modifiedAt?: number;
  /** Version of the collection in which the sentence was found. */
  readonly indexVersion?: number;
  readonly headings: readonly string[];
  /** 1-based page, for paged documents. */
  readonly page?: number;
  /** 1-based line of the first character, for documents with lines. */
  readonly line?: number;
  /** Character offsets [start, end) in the document's text. */
  readonly start: number;
  readonly end: number;
  /** A table row said with its headers, `header: cell; header: cell`. */
  readonly withHeaders?: string;
}

/** One version of one document. */
export type DocumentEdition = Pick<
  EvidenceSentence,
  'collection' | 'documentId' | 'documentVersion'
>;

/** Each of them once, without all else that is known of a place. */
export function joinEditions(
  ...lists: readonly (readonly DocumentEdition[] | undefined)[]
): readonly DocumentEdition[] {
  const found = new Map<string, DocumentEdition>();
  for (const { collection, documentId, documentVersion } of lists.flatMap((list) => list ?? []))
    found.set(JSON.stringify([collection, documentId, documentVersion]), {
      collection,
      documentId,
      documentVersion,
    });
  return [...found.values()];
}

/**
 * What a spoke reads and what checks compare with: a table row with its headers, else the file's own
 * text. Shown and cited is always `text`.
 */
export function readableText({
  text,
  withHeaders,
}: Pick<EvidenceSentence, 'text' | 'withHeaders'>): string {
  return withHeaders ?? text;
}

/**
 * A way of finding: by words, by an embedder's meaning, by the words' company in the collection itself;
 * `tokens` and `reader` only put what they found in order, token by token or as a spoke reads it.
 */
export type LegName = 'lexical' | 'dense' | 'latent' | 'tokens' | 'reader';

/** What one leg says of a found chunk. */
export interface LegPlace {
  readonly leg: LegName;
  /** From 1; absent where the chunk is not among those that the leg found by itself. */
  readonly rank?: number;
  /** BM25 (lexical), cosine (dense, latent, mean of cosines for tokens) or P(yes) (reader). */
  readonly score: number;
  /**
   * The score in standard deviations above the leg's mean over the collection, in which legs are added;
   * absent where one leg ranks alone.
   */
  readonly deviations?: number;
}

/** What words and meaning make of a passage, in standard deviations above their means. */
export interface LegDeviations {
  readonly words: number;
  readonly meaning: number;
}

/** Undefined where meaning does not rank it beside another leg. */
export function deviationsOf({ legs = [] }: Pick<Passage, 'legs'>): LegDeviations | undefined {
  const of = (name: LegName) => legs.find((one) => one.leg === name)?.deviations;
  const meaning = of('dense');
  return meaning === undefined ? undefined : { words: of('lexical') ?? 0, meaning };
}

/** A leg that could not take part, and why. */
export interface MissingLeg {
  readonly leg: LegName;
  readonly reason: string;
}

/** One retrieved chunk, its sentences numbered for citation. */
export interface Passage {
  readonly chunkId: string;
  /** Fused score of the ranking, 0 … 1 within one search. */
  readonly score: number;
  readonly lexicalScore: number;
  /** Cosine similarity, −1 … 1; absent when the dense leg was missing. */
  readonly denseScore?: number;
  /** Which leg found it, how high; legs that know nothing of it are left out. */
  readonly legs?: readonly LegPlace[];
  /** What another passage says that led to this one: what stands here is said of it. */
  readonly via?: string;
  readonly sentences: readonly EvidenceSentence[];
}

/** A place in the answer that stands on a sentence. */
export interface Citation {
  readonly sentence: EvidenceSentence;
  /** Character offsets [start, end) in the answer of the sentence that is supported. */
  readonly answerStart: number;
  readonly answerEnd: number;
  /** 0 … 1, from the check that confirmed it. */
  readonly support: number;
}

/** Two sentences of different documents that cannot both hold. */
export interface Contradiction {
  /** Words that both have, stemmed. */
  readonly about: string;
  /** The one of the newer document first, where both have a date. */
  readonly sentences: readonly [EvidenceSentence, EvidenceSentence];
}

/** What a model that was asked makes of a sentence beside its evidence; the three add up to 1. */
export interface SupportJudgement {
  readonly supported: number;
  readonly contradicted: number;
  readonly notStated: number;
}

/** An answer declined, with what was nearest to it. */
export interface Abstention {
  readonly reason: string;
  readonly nearest: readonly Passage[];
}
