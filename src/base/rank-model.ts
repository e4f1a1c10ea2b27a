import { logisticShare } from './logistic.ts';
import { float32Section, int32Section, readPacked, type Section, writePacked } from './packed.ts';
import { type PassageTerms, QueryWords, WORD_FEATURES } from './rank-features.ts';

/** A weighted sum of features, and what P(relevant) it stands for. */
export interface RankHead {
  /** One for each of `WORD_FEATURES`; of the head that reads vectors one more, for their product. */
  readonly weights: readonly number[];
  /** P(relevant) = 1 / (1 + exp(−(slope × score + offset))). */
  readonly slope: number;
  readonly offset: number;
}

/** What orders passages for a query. */
export interface RankModel {
  /** Fingerprint of the rows and settings it was made from. */
  readonly source: string;
  readonly terms: PassageTerms;
  /** Goes by words alone. */
  readonly words: RankHead;
  /** Reads vectors as well; absent = the words are enough. */
  readonly meaning?: {
    readonly embedder: string;
    readonly head: RankHead;
    /**
     * What was learnt of meanings that the embedder holds apart and that belong together here: qᵀ C p is
     * added to the score, C of size × size by rows. Absent = as the embedder has them.
     */
    readonly change?: Float32Array;
  };
}

const KIND = 'cadre-ranker';
const VERSION = 1;
/** Products of unit vectors lie close together: in tens they are as wide as the words' values. */
export const PRODUCT_SCALE = 10;
export const FEATURES = WORD_FEATURES.length + 1;

/** What a passage's vector is multiplied with: the query's by its weight, with what was learnt added. */
export function turnedVector(
  query: Float32Array,
  weight: number,
  change: Float32Array | undefined,
): Float32Array {
  const size = query.length;
  const turned = Float64Array.from(query, (value) => PRODUCT_SCALE * weight * value);
  for (let row = 0; change !== undefined && row < size; row += 1) {
    const value = query[row] as number;
    for (let column = 0; column < size; column += 1)
      turned[column] = (turned[column] as number) + value * (change[row * size + column] as number);
  }
  return Float32Array.from(turned);
}

export function product(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += (left[at] as number) * (right[at] as number);
  return sum;
}

export function headScore(head: Pick<RankHead, 'weights'>, features: ArrayLike<number>): number {
  return head.weights.reduce((sum, weight, at) => sum + weight * (features[at] ?? 0), 0);
}

/** P(relevant) of a head's score. */
export function relevanceOf({ slope, offset }: RankHead, score: number): number {
  return logisticShare({ weights: Float64Array.of(slope), offset }, [score]);
}

/** Scores passages for one query; each by itself, whatever others there are. */
export class QueryRanker {
  readonly #head: RankHead;
  readonly #words: QueryWords;
  readonly #turned: Float32Array | undefined;

  /** Without the query's vector the words speak alone. */
  constructor({ terms, words, meaning }: RankModel, query: string, vector?: Float32Array) {
    this.#words = new QueryWords(terms, query);
    this.#head = vector === undefined || meaning === undefined ? words : meaning.head;
    const weight = this.#head.weights[WORD_FEATURES.length] ?? 0;
    this.#turned = vector && meaning && turnedVector(vector, weight, meaning.change);
  }

  /** P(relevant), 0 … 1, as the lists that were learnt from have it. */
  score(passage: string, vector?: Float32Array): number {
    const words = headScore(this.#head, this.#words.features(passage));
    const meaning =
      this.#turned === undefined || vector === undefined ? 0 : product(this.#turned, vector);
    return relevanceOf(this.#head, words + meaning);
  }
}

/** Places of the scores, best first; equal ones in the order given. */
export function orderOf(scores: ArrayLike<number>): number[] {
  return Array.from(scores, (_, at) => at).sort(
    (one, other) => (scores[other] as number) - (scores[one] as number) || one - other,
  );
}

type Header = Pick<RankModel, 'source' | 'words'> & {
  readonly passages: number;
  readonly averageLength: number;
  readonly meaning?: Omit<NonNullable<RankModel['meaning']>, 'change'>;
};

export function writeRankModel({ source, terms, words, meaning }: RankModel): Uint8Array {
  const known = [...terms.frequencies].sort((one, other) => one[0] - other[0]);
  const { passages, averageLength } = terms;
  const header: Header = {
    ...{ source, words, passages, averageLength },
    ...(meaning && { meaning: { embedder: meaning.embedder, head: meaning.head } }),
  };
  const sections = new Map<string, Section>([
    ['terms', Int32Array.from(known, ([hash]) => hash)],
    ['frequencies', Int32Array.from(known, ([, count]) => count)],
  ]);
  if (meaning?.change !== undefined) sections.set('change', meaning.change);
  return writePacked({ kind: KIND, version: VERSION, header, sections });
}

/** Throws RangeError that says what is wrong with the bytes. */
export function readRankModel(bytes: Uint8Array): RankModel {
  const file = readPacked(bytes, KIND, VERSION);
  const { source, words, meaning, passages, averageLength } = file.header as Header;
  const [hashes, counts] = [int32Section(file, 'terms'), int32Section(file, 'frequencies')];
  if (hashes.length !== counts.length || words.weights.length !== WORD_FEATURES.length)
    throw new RangeError('its parts do not fit each other');
  const change = file.sections.has('change') ? float32Section(file, 'change') : undefined;
  return {
    source,
    terms: {
      passages,
      averageLength,
      frequencies: new Map(Array.from(hashes, (hash, at) => [hash, counts[at] ?? 0])),
    },
    words,
    ...(meaning && { meaning: { ...meaning, ...(change && { change }) } }),
  };
}
