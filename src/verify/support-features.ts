import { indexTerms } from '../base/tokens.ts';
import {
  type EvidenceIndex,
  type IndexedSentence,
  indexSentence,
  PREFIX_LENGTH,
  prefixesOf,
} from './evidence-index.ts';
import { missingNameShare, namesOf } from './names.ts';
import { missingNumberShare } from './numbers.ts';
import { findNegationMismatch, findOpposite } from './polarity.ts';
import { quantitiesOf } from './quantities.ts';
import { coveredShare, rankCarriers, readWords, type WordReading } from './support-carriers.ts';
import { inOrderShare, readCopied } from './support-copied.ts';
import { directionOf } from './support-direction.ts';
import { type Exchange, findExchange } from './support-exchanged.ts';
import { type MeaningVectors, readMeaning } from './support-meaning.ts';
import { parityAgreement } from './support-parity.ts';
import { chatterShare, opinionShare } from './support-talk.ts';

/** What the support model sees in words; shares 0 … 1 unless said, weighed by what a term tells. */
export const WORD_FEATURES = [
  /** Share of the claim that the best single sentence has, the best two and five in a row, and the three that add most. */
  'coveredByOne',
  'coveredByTwo',
  'coveredByFive',
  'coveredByThree',
  /** The worst clause in its best sentence, and in its best five. */
  'worstClause',
  'worstClauseInFive',
  /** ln(1 + terms) that no sentence has, and none of the three best; near forms count as had. */
  'missing',
  'missingInTop',
  'missingNumbers',
  'missingNames',
  'missingNamesInTop',
  /** ln(1 + words) of the longest copied run. */
  'copied',
  'copiedPairs',
  'inOrder',
  'negation',
  'opposite',
  /** Claim and best sentences say more or less: 1 both the same, −1 the opposite. */
  'direction',
  /** The same by the signs of their words multiplied, over five sentences. */
  'parity',
  /** Words of a chat, of an opinion; a question mark. */
  'chatter',
  'opinion',
  'question',
] as const;
/** What it sees in embeddings besides. */
export const MEANING_FEATURES = [
  'cosine',
  'cosineOfTwo',
  'unexplained',
  'turn',
  'turnTop',
] as const;
/** Of all these, what speaks against a claim; the others speak for it. */
export const AGAINST: ReadonlySet<string> = new Set([
  'missing',
  'missingInTop',
  'missingNumbers',
  'missingNames',
  'missingNamesInTop',
  'negation',
  'opposite',
  'chatter',
  'opinion',
  'question',
  'unexplained',
]);
/** What tells kinds of evidence and claims apart. */
export const SHAPE_FEATURES = [
  'sentences',
  'sentenceLength',
  'words',
  'clauses',
  'names',
  'chatter',
  'opinion',
  /** Only with embeddings. */
  'cosine',
] as const;

export interface SupportReading {
  /** In the order of WORD_FEATURES, then of MEANING_FEATURES where there were vectors. */
  readonly values: readonly number[];
  /** In the order of SHAPE_FEATURES; the last only where there were vectors. */
  readonly shape: readonly number[];
  /** Evidence sentences by how well they carry the claim, best first; empty without evidence. */
  readonly ranked: readonly number[];
  /** Of the claim's terms in two sentences in a row: what a veto asks for. */
  readonly coveredByTwo: number;
  readonly opposite?: { readonly claimed: string; readonly found: string };
  /** A term that only one of claim and the sentence with most of its terms negates. */
  readonly negated?: string;
  /** What the claim says of one thing and the evidence of another. */
  readonly exchange?: Exchange;
}

const TOP = 3;
const PARITY_TOP = 5;

export function readSupport(
  claim: string,
  evidence: EvidenceIndex,
  vectors?: MeaningVectors,
): SupportReading {
  const asked = indexSentence(claim);
  const quantities = quantitiesOf(claim);
  const words = readWords(asked, evidence);
  const meaning = vectors && readMeaning(vectors);
  const numbers = quantities.map((one) => one.text.toLowerCase());
  const ranked = rankCarriers(words, numbers, evidence, meaning?.cosines);
  const top = ranked.slice(0, TOP);
  const bestText = evidence.texts[ranked[0] ?? -1];
  const opposite = bestText === undefined ? undefined : findOpposite(claim, bestText);
  const negated = bestText === undefined ? undefined : findNegationMismatch(claim, bestText);
  const covering = readCovering(words, evidence, top);
  const exchange = findExchange(claim, evidence, words.tellingOf);
  const values = [
    ...covering.values,
    missingNumberShare(quantities, evidence.quantities),
    missingNameShare(claim, evidence.names),
    missingNameShare(
      claim,
      top.flatMap((at) => evidence.texts[at] ?? []),
    ),
    ...readOrder(asked, evidence, top),
    negated === undefined ? 0 : 1,
    opposite ? 1 : 0,
    directionOf(asked.stems) *
      directionOf(top.flatMap((at) => evidence.sentences[at]?.stems ?? [])),
    parityAgreement(
      asked,
      ranked.slice(0, PARITY_TOP).flatMap((at) => evidence.sentences[at] ?? []),
    ),
    chatterShare(asked.words, evidence.stems),
    opinionShare(asked.words, evidence.stems),
    claim.includes('?') ? 1 : 0,
    ...(meaning
      ? [meaning.best, meaning.window, meaning.unexplained, meaning.turn, meaning.turnTop]
      : []),
  ];
  return {
    values,
    shape: [...shapeOf(claim, asked, words, evidence), ...(meaning ? [meaning.best] : [])],
    ranked,
    coveredByTwo: covering.two,
    ...againstOf(asked, evidence, fullestOf(words.covered, ranked)),
    ...(exchange ? { exchange } : {}),
  };
}

/** The sentence with most of the claim's terms, the best carrier where others have as many. */
function fullestOf(covered: readonly number[], ranked: readonly number[]): number {
  return ranked.reduce(
    (best, at) => ((covered[at] ?? 0) > (covered[best] ?? 0) + 1e-9 ? at : best),
    ranked[0] ?? -1,
  );
}

/** What speaks against a claim in the sentence that is about the same thing, if all its signs together do. */
function againstOf(
  asked: IndexedSentence,
  evidence: EvidenceIndex,
  at: number,
): Pick<SupportReading, 'opposite' | 'negated'> {
  const sentence = evidence.sentences[at];
  if (sentence === undefined || parityAgreement(asked, [sentence]) > 0) return {};
  const opposite = findOpposite(asked.text, sentence.text);
  const negated = findNegationMismatch(asked.text, sentence.text);
  return { ...(opposite ? { opposite } : {}), ...(negated === undefined ? {} : { negated }) };
}

function readCovering(words: WordReading, evidence: EvidenceIndex, top: readonly number[]) {
  const { terms, tellingOf, covered, clauses } = words;
  const share = (some: readonly string[], sentences: readonly IndexedSentence[]) =>
    coveredShare(some, tellingOf, (term) => sentences.some((one) => one.terms.has(term)));
  const inRow = (some: readonly string[], count: number) => bestInRow(some, evidence, count, share);
  const two = inRow(terms, 2);
  const topTerms = new Set(top.flatMap((at) => [...(evidence.sentences[at]?.terms ?? [])]));
  const missing = (known: ReadonlySet<string>, prefixes: ReadonlySet<string>) =>
    Math.log1p(terms.filter((term) => !isNear(term, known, prefixes)).length);
  const values = [
    Math.max(0, ...covered),
    two,
    inRow(terms, 5),
    coveredByThree(words, evidence),
    Math.min(1, ...clauses.map((clause) => inRow(clause, 1))),
    Math.min(1, ...clauses.map((clause) => inRow(clause, 5))),
    missing(evidence.terms, evidence.prefixes),
    missing(topTerms, prefixesOf(topTerms)),
  ];
  return { values, two };
}

/** The terms' share in the best run of `count` sentences; only runs that begin with one of the terms. */
function bestInRow(
  terms: readonly string[],
  { sentences }: EvidenceIndex,
  count: number,
  share: (terms: readonly string[], sentences: readonly IndexedSentence[]) => number,
): number {
  let best = 0;
  for (let at = 0; at < sentences.length && best < 1; at += 1) {
    if (!terms.some((term) => sentences[at]?.terms.has(term))) continue;
    best = Math.max(best, share(terms, sentences.slice(at, at + count)));
  }
  return best;
}

function coveredByThree(words: WordReading, { sentences }: EvidenceIndex): number {
  const { terms, tellingOf } = words;
  const found = new Set<string>();
  for (let round = 0; round < TOP; round += 1) {
    let most = 0;
    let next: IndexedSentence | undefined;
    for (const sentence of sentences) {
      const added = terms.reduce(
        (sum, term) => (!found.has(term) && sentence.terms.has(term) ? sum + tellingOf(term) : sum),
        0,
      );
      if (added > most) {
        most = added;
        next = sentence;
      }
    }
    for (const term of terms) if (next?.terms.has(term)) found.add(term);
  }
  return coveredShare(terms, tellingOf, (term) => found.has(term));
}

function isNear(term: string, known: ReadonlySet<string>, prefixes: ReadonlySet<string>): boolean {
  if (known.has(term)) return true;
  return term.length >= PREFIX_LENGTH && prefixes.has(term.slice(0, PREFIX_LENGTH));
}

function readOrder(
  asked: IndexedSentence,
  { sentences }: EvidenceIndex,
  top: readonly number[],
): readonly number[] {
  const copied = readCopied(
    asked.stems,
    sentences.map((one) => one.stems),
  );
  const inOrder = top.map((at) => inOrderShare(asked.stems, sentences[at]?.stems ?? []));
  return [Math.log1p(copied.longest), copied.pairs, Math.max(0, ...inOrder)];
}

function shapeOf(
  claim: string,
  asked: IndexedSentence,
  words: WordReading,
  evidence: EvidenceIndex,
): readonly number[] {
  const { sentences } = evidence;
  const wordCount = sentences.reduce((sum, one) => sum + one.words.length, 0);
  return [
    Math.log1p(sentences.length),
    Math.log1p(wordCount / Math.max(1, sentences.length)),
    Math.log1p(asked.words.length),
    Math.log1p(words.clauses.length),
    Math.log1p(namesOf(claim).length),
    3 * chatterShare(asked.words, evidence.stems),
    3 * opinionShare(asked.words, evidence.stems),
  ];
}

/** Does a claim have anything that evidence could bear out? */
export function isCheckable(claim: string): boolean {
  return indexTerms(claim).length > 1 || quantitiesOf(claim).length > 0;
}
