import { indexTerms, words } from '../base/tokens.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';

/** One evidence sentence, read once and compared with many claims. */
export interface IndexedSentence {
  readonly text: string;
  readonly terms: ReadonlySet<string>;
  readonly words: readonly string[];
}

export interface EvidenceIndex {
  readonly sentences: readonly IndexedSentence[];
  readonly terms: ReadonlySet<string>;
  /** First five letters of the longer terms: `astronom…` is near to `astronom…`. */
  readonly prefixes: ReadonlySet<string>;
  readonly quantities: readonly Quantity[];
  readonly texts: readonly string[];
}

/** A term's beginning that stands for its family; short terms have none. */
export const PREFIX_LENGTH = 5;

export function indexSentence(text: string): IndexedSentence {
  const terms = indexTerms(text);
  return {
    text,
    terms: new Set(terms),
    words: words(text),
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
    quantities: texts.flatMap(quantitiesOf),
    texts,
  };
}
