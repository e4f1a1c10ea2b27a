import { indexTerms } from '../base/tokens.ts';
import type { Contradiction, EvidenceSentence } from '../core/evidence.ts';
import { namesOf } from './names.ts';
import { unstated } from './numbers.ts';
import { negatedStems } from './polarity.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import { isSubject } from './subject-values.ts';

/** Share of common terms (Jaccard) from which two sentences say something of the same thing. */
const SAME_TERMS = 0.6;
/** The same without any value in them: only a negation tells them apart. */
const SAME_WORDS = 0.8;
const FEWEST_TERMS = 2;
/** Share of common terms of two documents' titles or names from which they are about one thing. */
const SAME_TITLE = 0.5;
/** Sentences that are compared; pairs are their square. */
const MOST_SENTENCES = 200;
const MOST_FOUND = 8;
/** Words of file names and titles that tell versions of one document apart. */
const VERSION_WORDS = new Set(
  'old new draft copy final archive version rev revision update current previous md txt pdf docx html'
    .split(' ')
    .flatMap(indexTerms),
);

interface Reading {
  readonly sentence: EvidenceSentence;
  /** Index terms without those of its values. */
  readonly terms: ReadonlySet<string>;
  readonly quantities: readonly Quantity[];
  readonly names: ReadonlySet<string>;
  readonly negated: ReadonlySet<string>;
  readonly title: ReadonlySet<string>;
}

/**
 * Pairs of sentences from different documents that give different values for the same thing, or of
 * which one denies what the other says. The same thing: the words of one are those of the other
 * besides one value, which is no year or number that tells which thing is spoken of,
 * no other names, and either a common name or documents whose titles or file names differ in no
 * more than a version. The newer document's sentence comes first where both have a date.
 */
export function findContradictions(sentences: readonly EvidenceSentence[]): Contradiction[] {
  const readings = sentences.slice(0, MOST_SENTENCES).map(read);
  const found: Contradiction[] = [];
  for (const [index, left] of readings.entries())
    for (const right of readings.slice(index + 1)) {
      const about = contradict(left, right);
      if (about === undefined) continue;
      found.push({ about, sentences: newestFirst(left.sentence, right.sentence) });
      if (found.length === MOST_FOUND) return found;
    }
  return found;
}

function read(sentence: EvidenceSentence): Reading {
  const { text, headings, path } = sentence;
  const quantities = quantitiesOf(text);
  const valued = new Set(quantities.flatMap((one) => indexTerms(one.text)));
  // A year or a small count tells versions apart; another number is another document's.
  const name = (path.split('/').at(-1) ?? '').replace(/(?<!\d)v?(?:(?:19|20)\d\d|\d)(?!\d)/gi, ' ');
  const title = [headings[0] ?? sentence.title ?? '', name].join(' ');
  return {
    sentence,
    terms: new Set(indexTerms(text).filter((term) => !valued.has(term) && !/^\d/.test(term))),
    quantities,
    names: new Set(namesOf(text).map((one) => one.key)),
    negated: negatedStems(text),
    title: new Set(indexTerms(title).filter((term) => !VERSION_WORDS.has(term))),
  };
}

/** What both speak about; undefined where they do not contradict each other. */
function contradict(left: Reading, right: Reading): string | undefined {
  const [a, b] = [left.sentence, right.sentence];
  if (a.documentId === b.documentId) return undefined;
  const common = [...left.terms].filter((term) => right.terms.has(term));
  if (common.length < FEWEST_TERMS) return undefined;
  const likeness = jaccard(left.terms, right.terms);
  if (likeness < SAME_TERMS || !isSameThing(left, right)) return undefined;
  const isOfTheOther = common.length === Math.min(left.terms.size, right.terms.size);
  const own = [
    unstated(left.quantities, right.quantities),
    unstated(right.quantities, left.quantities),
  ];
  const differs = isOfTheOther && isOneValue(own, [a.text, b.text]);
  const denies =
    likeness >= SAME_WORDS &&
    own.every((values) => values.length === 0) &&
    left.negated.size > 0 !== right.negated.size > 0;
  return differs || denies ? common.slice(0, 5).join(' ') : undefined;
}

/** One value of one kind on either side, and what is said of it is no other thing. */
function isOneValue(own: readonly (readonly Quantity[])[], texts: readonly string[]): boolean {
  const [left, right] = own.map((values) => (values.length === 1 ? values[0] : undefined));
  if (left === undefined || right === undefined || kindOf(left) !== kindOf(right)) return false;
  return ![left, right].some((value, side) => isSubject(value, texts[side] ?? ''));
}

function isSameThing(left: Reading, right: Reading): boolean {
  const shared = [...left.names].filter((name) => right.names.has(name));
  // “The P-110 weighs 18 kg” and “The P-340 weighs 61 kg” are no contradiction.
  if (shared.length < Math.max(left.names.size, right.names.size)) return false;
  return shared.length > 0 || jaccard(left.title, right.title) >= SAME_TITLE;
}

function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const common = [...left].filter((one) => right.has(one)).length;
  return common / Math.max(1, left.size + right.size - common);
}

function kindOf(quantity: Quantity): string {
  return quantity.kind === 'number' ? `number ${quantity.unit?.dimension ?? ''}` : quantity.kind;
}

function newestFirst(
  left: EvidenceSentence,
  right: EvidenceSentence,
): readonly [EvidenceSentence, EvidenceSentence] {
  return (right.modifiedAt ?? 0) > (left.modifiedAt ?? 0) ? [right, left] : [left, right];
}
