import { indexTerms } from '../base/tokens.ts';
import { type EvidenceIndex, type IndexedSentence, PREFIX_LENGTH } from './evidence-index.ts';
import { namesOf } from './names.ts';
import { isSameKind, isStated } from './numbers.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import { alignWords, type Gap, tellingWords } from './support-alignment.ts';
import { inOrderShare } from './support-copied.ts';

/** A fact of the claim that the evidence has of something else: what it says instead, and where. */
export interface Exchange {
  readonly claimed: string;
  readonly found: string;
  readonly index: number;
}

/** Share of the rest of a claim from which a sentence with another value says another of the same. */
const SAME_BUT_VALUE = 0.6;
/** The same for words: only the order of the sentence tells what takes whose place. */
const SAME_BUT_WORDS = 0.75;
/** Share of words that two sentences of one build have in the same order. */
const ALIKE = 0.4;
/** Words that take each other's place. */
const LONGEST_GAP = 4;
/** Sentences that are compared word by word with a claim. */
const MOST_ALIGNED = 4;
/** Letters of an abbreviation. */
const LONGEST_SHORT = 4;
/** Characters; what is longer is no sentence that anybody wrote. */
const LONGEST_CLAIM = 2000;
const TITLE = /\b(?:mr|mrs|ms|dr|prof)\b\.?/gi;
const BACK_REFERENCE =
  /^\W*(?:it|its|he|his|she|her|they|their|this|these|that|those|both|such)\b/i;

/** A part of a claim that a sentence may have. */
interface Part {
  readonly text: string;
  readonly telling: number;
  readonly quantity?: Quantity;
}

/** A sentence, with the one before where it points back to it. */
interface Place {
  readonly index: number;
  readonly own: IndexedSentence;
  readonly sentences: readonly IndexedSentence[];
  readonly quantities: readonly Quantity[];
}

interface Reading {
  readonly claim: string;
  readonly parts: readonly Part[];
  readonly place: Place;
  readonly places: readonly Place[];
}

/**
 * Does a claim join facts of different things? Its best evidence then has something else where the
 * claim has what other sentences say: another value of the same kind, or other words in the same
 * place (“Adults take 20 mg”, “Children take 5 mg”: “Children take 20 mg”). Words that no evidence
 * has are another way to say it, and none of this check's business.
 */
export function findExchange(
  claim: string,
  evidence: EvidenceIndex,
  tellingOf: (term: string) => number,
): Exchange | undefined {
  if (claim.length > LONGEST_CLAIM) return undefined;
  const parts = partsOf(claim, tellingOf);
  const places = placesOf(evidence);
  return exchangedValue(parts, places) ?? exchangedWords(claim, parts, places);
}

function partsOf(claim: string, tellingOf: (term: string) => number): readonly Part[] {
  const quantities = quantitiesOf(claim);
  const counted = new Set(quantities.flatMap((one) => indexTerms(one.text)));
  const terms = [...new Set(indexTerms(claim))].filter((term) => !counted.has(term));
  return [
    ...terms.map((text) => ({ text, telling: tellingOf(text) })),
    ...quantities.map((quantity) => ({
      text: quantity.text,
      telling: tellingOf(quantity.text),
      quantity,
    })),
  ];
}

function placesOf({ sentences, quantitiesOf: perSentence }: EvidenceIndex): readonly Place[] {
  return sentences.map((sentence, index) => {
    const before = sentences[index - 1];
    const isBack = before !== undefined && BACK_REFERENCE.test(sentence.text);
    return {
      index,
      own: sentence,
      sentences: isBack ? [sentence, before] : [sentence],
      quantities: [
        ...(perSentence[index] ?? []),
        ...(isBack ? (perSentence[index - 1] ?? []) : []),
      ],
    };
  });
}

function has({ sentences, quantities }: Place, { text, quantity }: Part): boolean {
  if (quantity !== undefined) return isStated(quantity, quantities);
  return sentences.some(({ terms }) => terms.has(text) || hasNear(terms, text));
}

function hasNear(terms: ReadonlySet<string>, term: string): boolean {
  if (term.length < PREFIX_LENGTH) return false;
  const beginning = term.slice(0, PREFIX_LENGTH);
  for (const one of terms) if (one.startsWith(beginning)) return true;
  return false;
}

/** Share of what the parts tell that the place has, 0 … 1. */
function coverage(parts: readonly Part[], place: Place): number {
  const whole = parts.reduce((sum, one) => sum + one.telling, 0);
  const found = parts.reduce((sum, one) => sum + (has(place, one) ? one.telling : 0), 0);
  return whole === 0 ? 0 : found / whole;
}

/** A sentence that has more of the rest of the claim than any with its value, and another value. */
function exchangedValue(parts: readonly Part[], places: readonly Place[]): Exchange | undefined {
  const claimed = parts.flatMap((one) => one.quantity ?? []);
  for (const quantity of claimed) {
    const rest = parts.filter((one) => one.quantity !== quantity);
    let held = 0;
    let rival = { share: 0, found: '', index: -1 };
    for (const place of places) {
      if (isStated(quantity, place.quantities)) {
        held = Math.max(held, coverage(rest, place));
        continue;
      }
      const other = place.quantities.find(
        (one) => isSameKind(one, quantity) && !isStated(one, claimed),
      );
      const share = other === undefined ? 0 : coverage(rest, place);
      if (other && share > rival.share) rival = { share, found: other.text, index: place.index };
    }
    if (rival.share >= SAME_BUT_VALUE && rival.share > held)
      return { claimed: quantity.text, found: rival.found, index: rival.index };
  }
  return undefined;
}

/** The sentence with most of the claim has other words where the claim has those of another one. */
function exchangedWords(
  claim: string,
  parts: readonly Part[],
  places: readonly Place[],
): Exchange | undefined {
  const shares = places.map((place) => coverage(parts, place));
  const most = Math.max(0, ...shares);
  const nearest = places.filter((_, at) => (shares[at] ?? 0) >= most - 1e-9);
  for (const place of nearest.slice(0, MOST_ALIGNED)) {
    for (const gap of alignWords(claim, place.own.text)) {
      const exchange = readGap(gap, { claim, parts, place, places });
      if (exchange !== undefined) return { ...exchange, index: place.index };
    }
  }
  return undefined;
}

function readGap(gap: Gap, reading: Reading): Omit<Exchange, 'index'> | undefined {
  const { claim, parts, place, places } = reading;
  if (Math.max(gap.claimed.length, gap.found.length) > LONGEST_GAP || isOtherWord(gap))
    return undefined;
  const { own } = place;
  const inGap = new Set(termsOf(gap.claimed));
  const asked = new Set(parts.map((one) => one.text));
  const missing = parts.filter(
    (one) => one.quantity === undefined && inGap.has(one.text) && !has(place, one),
  );
  const instead = termsOf(gap.found).filter((term) => !asked.has(term) && !/^\d/.test(term));
  const rest = parts.filter((one) => !missing.includes(one));
  if (missing.length === 0 || instead.length === 0 || coverage(rest, place) < SAME_BUT_WORDS)
    return undefined;
  const others = places
    .map((one) => one.own)
    .filter((one) => one !== own && missing.every(({ text }) => one.terms.has(text)));
  // What one sentence has side by side are two names of one thing or its parts.
  if (others.some(({ terms }) => instead.some((term) => terms.has(term)))) return undefined;
  const isExchanged =
    others.length > 0 &&
    (areNames(gap, claim, own.text) ||
      areSubjects(gap, claim, own.text, others) ||
      others.some((other) => areParallel(own, other, missing, instead)));
  if (!isExchanged) return undefined;
  const textOf = (words: Gap['claimed']) => words.map(({ text }) => text).join(' ');
  return { claimed: textOf(gap.claimed), found: textOf(gap.found) };
}

function termsOf(words: Gap['claimed']): readonly string[] {
  return tellingWords(words).flatMap(({ text }) => indexTerms(text));
}

/** A name in the place of a name. */
function areNames(gap: Gap, claim: string, source: string): boolean {
  const isIn = (words: Gap['claimed'], text: string) => {
    const names = new Set(namesOf(text).map((one) => one.key));
    return words.some((word) => names.has(word.text.toLowerCase()));
  };
  return isIn(gap.claimed, claim) && isIn(gap.found, source);
}

/** What the claim is about, in the place of what the source is about; another sentence is about it. */
function areSubjects(
  gap: Gap,
  claim: string,
  source: string,
  others: readonly IndexedSentence[],
): boolean {
  const subject = firstTerm(claim);
  return (
    subject === termsOf(gap.claimed)[0] &&
    firstTerm(source) === termsOf(gap.found)[0] &&
    others.some(({ text }) => firstTerm(text) === subject)
  );
}

function firstTerm(text: string): string | undefined {
  return indexTerms(text.replace(TITLE, ''))[0];
}

/** Two sentences of one build in which they stand in the same place. */
function areParallel(
  one: IndexedSentence,
  other: IndexedSentence,
  missing: readonly Part[],
  instead: readonly string[],
): boolean {
  if (inOrderShare(one.stems, other.stems) < ALIKE) return false;
  return alignWords(other.text, one.text).some(({ claimed, found }) => {
    const [left, right] = [new Set(termsOf(claimed)), new Set(termsOf(found))];
    return missing.some(({ text }) => left.has(text)) && instead.some((term) => right.has(term));
  });
}

/** `the company` for a company with a name, `Lp` for lipoprotein: another way to say it. */
function isOtherWord({ claimed, found }: Gap): boolean {
  const [left, right] = [tellingWords(claimed), tellingWords(found)];
  const isName = ({ text }: { readonly text: string }) => /^\p{Lu}|\p{N}/u.test(text);
  if (right[0]?.isDefinite === true && !right.some(isName) && left.some(isName)) return true;
  const [one = '', other = ''] = [left[0]?.text.toLowerCase(), right[0]?.text.toLowerCase()];
  return isShortFor(one, other) || isShortFor(other, one);
}

/** An abbreviation has the first letter of the word and others of it in order. */
function isShortFor(short: string, long: string): boolean {
  if (short.length > LONGEST_SHORT || long.length < 2 * short.length || short[0] !== long[0])
    return false;
  let at = 0;
  for (const letter of long) if (letter === short[at]) at += 1;
  return at === short.length;
}
