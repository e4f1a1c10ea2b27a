import { stem } from '../base/stemmer.ts';
import { indexTerms, words } from '../base/tokens.ts';
import { KnownNames } from './names.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import { dimensionsIn } from './units.ts';

/** One evidence sentence, read once and compared with many claims. */
export interface IndexedSentence {
  readonly text: string;
  readonly terms: ReadonlySet<string>;
  readonly words: readonly string[];
  /** Of the words, stop words included. */
  readonly stems: readonly string[];
}

export interface EvidenceIndex {
  readonly sentences: readonly IndexedSentence[];
  readonly terms: ReadonlySet<string>;
  /** Sentences with the term. */
  readonly frequencies: ReadonlyMap<string, number>;
  readonly stems: ReadonlySet<string>;
  /** First five letters of the longer terms: `astronom…` is near to `astronom…`. */
  readonly prefixes: ReadonlySet<string>;
  /** Per sentence. */
  readonly quantitiesOf: readonly (readonly Quantity[])[];
  readonly quantities: readonly Quantity[];
  /** Dimensions of the units that any of the sentences or their headings names; names likewise. */
  readonly dimensions: ReadonlySet<string>;
  readonly names: KnownNames;
  readonly texts: readonly string[];
}

/** A term's beginning that stands for its family; short terms have none. */
export const PREFIX_LENGTH = 5;

export function indexSentence(text: string): IndexedSentence {
  const all = words(text);
  return { text, terms: new Set(indexTerms(text)), words: all, stems: all.map(stemOnce) };
}

export function indexEvidence(
  texts: readonly string[],
  headings: readonly string[] = [],
): EvidenceIndex {
  const sentences = texts.map(indexSentence);
  const frequencies = new Map<string, number>();
  for (const { terms } of sentences)
    for (const term of terms) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  const perSentence = texts.map((text) => [...quantitiesOf(text), ...splitNumbersOf(text)]);
  const terms = new Set(frequencies.keys());
  return {
    sentences,
    terms,
    frequencies,
    stems: new Set(sentences.flatMap((one) => one.stems)),
    prefixes: prefixesOf(terms),
    quantitiesOf: perSentence,
    quantities: perSentence.flat(),
    dimensions: dimensionsIn([...texts, ...headings]),
    names: new KnownNames([...texts, ...headings]),
    texts,
  };
}

/** Numbers that tokenising tore apart: `10, 000`. They are known besides what is read as it stands. */
function splitNumbersOf(text: string): readonly Quantity[] {
  const torn = /(?<![\d.,])\d{1,3}(?:, \d{3})+(?![\d.,]\d)/g;
  if (!torn.test(text)) return [];
  return quantitiesOf(text.replace(torn, (run) => run.replaceAll(', ', ',')));
}

export function prefixesOf(terms: Iterable<string>): ReadonlySet<string> {
  const prefixes = new Set<string>();
  for (const term of terms)
    if (term.length >= PREFIX_LENGTH) prefixes.add(term.slice(0, PREFIX_LENGTH));
  return prefixes;
}

const STEMS_KEPT = 50_000;
const stems = new Map<string, string>();

/** The words of a language repeat; stemming is most of the cost of reading a sentence. */
function stemOnce(word: string): string {
  let known = stems.get(word);
  if (known === undefined) {
    if (stems.size >= STEMS_KEPT) stems.clear();
    known = stem(word);
    stems.set(word, known);
  }
  return known;
}
