import { indexTerms, words } from '../base/tokens.ts';
import { negationCount } from './polarity.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';

/** One evidence sentence, read once and compared with many claims. */
export interface IndexedSentence {
  readonly text: string;
  readonly terms: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  readonly words: readonly string[];
  /** Runs of five letters, digits and single spaces, hashed. */
  readonly grams: ReadonlySet<number>;
  readonly isNegated: boolean;
}

export interface EvidenceIndex {
  readonly sentences: readonly IndexedSentence[];
  readonly terms: ReadonlySet<string>;
  /** First five letters of the longer terms: `astronom…` is near to `astronom…`. */
  readonly prefixes: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  readonly grams: ReadonlySet<number>;
  readonly quantities: readonly Quantity[];
  readonly texts: readonly string[];
}

/** A term's beginning that stands for its family; short terms have none. */
export const PREFIX_LENGTH = 5;

export function indexSentence(text: string): IndexedSentence {
  const terms = indexTerms(text);
  const plain = words(text);
  return {
    text,
    terms: new Set(terms),
    pairs: new Set(pairsOf(terms)),
    words: plain,
    grams: gramsOf(plain),
    isNegated: negationCount(text) % 2 === 1,
  };
}

export function indexEvidence(texts: readonly string[]): EvidenceIndex {
  const sentences = texts.map(indexSentence);
  const terms = new Set(sentences.flatMap((one) => [...one.terms]));
  const long = [...terms].filter((term) => term.length >= PREFIX_LENGTH);
  return {
    sentences,
    terms,
    prefixes: new Set(long.map((term) => term.slice(0, PREFIX_LENGTH))),
    pairs: new Set(sentences.flatMap((one) => [...one.pairs])),
    grams: new Set(sentences.flatMap((one) => [...one.grams])),
    quantities: texts.flatMap(quantitiesOf),
    texts,
  };
}

/** Terms that follow each other, as one key each. */
export function pairsOf(terms: readonly string[]): string[] {
  return terms.slice(1).map((term, index) => `${terms[index]} ${term}`);
}

const GRAM_LENGTH = 5;

/** Hashes (FNV-1a, 32 bits) of all five-character runs; endings and hyphens cost only a few of them. */
function gramsOf(plain: readonly string[]): ReadonlySet<number> {
  const text = ` ${plain.join(' ')} `;
  const grams = new Set<number>();
  for (let start = 0; start + GRAM_LENGTH <= text.length; start += 1) {
    let hash = 0x811c9dc5;
    for (let index = start; index < start + GRAM_LENGTH; index += 1)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    grams.add(hash);
  }
  return grams;
}
