import {
  type EvidenceIndex,
  type IndexedSentence,
  indexSentence,
  PREFIX_LENGTH,
} from '../../src/verify/evidence-index.ts';
import { missingNameShare } from '../../src/verify/names.ts';
import { missingNumberShare } from '../../src/verify/numbers.ts';
import { findNegationMismatch, findOpposite } from '../../src/verify/polarity.ts';
import { quantitiesOf } from '../../src/verify/quantities.ts';

/** What the support model looks at; all values 0 … 1 unless said. */
export const SUPPORT_FEATURES = [
  /** Share of the claim's terms that any evidence has, near forms counting half. */
  'coveredByAll',
  /** Share that the best single sentence has. */
  'coveredByBest',
  /** Share that the best two neighbouring sentences have together. */
  'coveredByWindow',
  /** Longest run of words copied from one sentence, as a share of the claim. */
  'copied',
  'missingNumbers',
  'missingNames',
  /** Claim and best sentence have a term that only one of them negates. */
  'negation',
  /** The best sentence has the opposite of a word of the claim. */
  'opposite',
  /** ln(1 + terms) / 4. */
  'length',
  /** Highest cosine of claim and sentence, 0 without embeddings. */
  'cosine',
  /** Mean of the three highest cosines. */
  'cosineTop',
] as const;
export type SupportFeature = (typeof SUPPORT_FEATURES)[number];

export interface SupportReading {
  /** In the order of SUPPORT_FEATURES. */
  readonly values: readonly number[];
  /** Index of the evidence sentence that carries the claim best, −1 without evidence. */
  readonly best: number;
  readonly opposite?: { readonly claimed: string; readonly found: string };
  /** A term that only one of claim and best sentence negates. */
  readonly negated?: string;
}

/** `cosines` has one value per evidence sentence; absent without embeddings. */
export function readSupport(
  claim: string,
  evidence: EvidenceIndex,
  cosines?: readonly number[],
): SupportReading {
  const asked = indexSentence(claim);
  const best = bestSentence(asked, evidence.sentences, cosines);
  const carrier = evidence.sentences[best];
  const opposite = carrier ? findOpposite(claim, carrier.text) : undefined;
  const negated = carrier ? findNegationMismatch(claim, carrier.text) : undefined;
  const ranked = [...(cosines ?? [])].sort((a, b) => b - a);
  const top = ranked.slice(0, 3);
  const values: Record<SupportFeature, number> = {
    coveredByAll: coverage(asked, evidence.terms, evidence.prefixes),
    coveredByBest: carrier ? coverage(asked, carrier.terms) : 0,
    coveredByWindow: windowCoverage(asked, evidence.sentences),
    copied: Math.max(0, ...evidence.sentences.map((one) => copiedShare(asked, one))),
    missingNumbers: missingNumberShare(quantitiesOf(claim), evidence.quantities),
    missingNames: missingNameShare(claim, evidence.texts),
    negation: negated === undefined ? 0 : 1,
    opposite: opposite ? 1 : 0,
    length: Math.log1p(asked.terms.size) / 4,
    cosine: Math.max(0, ranked[0] ?? 0),
    cosineTop: top.length === 0 ? 0 : top.reduce((sum, one) => sum + one, 0) / top.length,
  };
  return {
    values: SUPPORT_FEATURES.map((name) => values[name]),
    best,
    ...(negated === undefined ? {} : { negated }),
    ...(opposite ? { opposite } : {}),
  };
}

function share(items: readonly string[], has: (item: string) => boolean): number {
  return items.length === 0 ? 0 : items.filter(has).length / items.length;
}

function coverage(
  claim: IndexedSentence,
  terms: ReadonlySet<string>,
  prefixes?: ReadonlySet<string>,
): number {
  if (claim.terms.size === 0) return 0;
  let covered = 0;
  for (const term of claim.terms) {
    if (terms.has(term)) covered += 1;
    else if (term.length >= PREFIX_LENGTH && prefixes?.has(term.slice(0, PREFIX_LENGTH)))
      covered += 0.5;
  }
  return covered / claim.terms.size;
}

function bestSentence(
  claim: IndexedSentence,
  sentences: readonly IndexedSentence[],
  cosines: readonly number[] | undefined,
): number {
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const [index, sentence] of sentences.entries()) {
    const score = coverage(claim, sentence.terms) + (cosines?.[index] ?? 0);
    if (score > bestScore) {
      best = index;
      bestScore = score;
    }
  }
  return best;
}

function windowCoverage(claim: IndexedSentence, sentences: readonly IndexedSentence[]): number {
  let best = 0;
  for (const [index, sentence] of sentences.entries()) {
    const next = sentences[index + 1];
    const covered = share(
      [...claim.terms],
      (term) => sentence.terms.has(term) || next?.terms.has(term) === true,
    );
    best = Math.max(best, covered);
  }
  return best;
}

/** Longest common run of words by dynamic programming, bounded to 80 × 200 words. */
function copiedShare(claim: IndexedSentence, sentence: IndexedSentence): number {
  const a = claim.words.slice(0, 80);
  const b = sentence.words.slice(0, 200);
  let longest = 0;
  let previous = new Uint8Array(b.length + 1);
  for (const word of a) {
    const current = new Uint8Array(b.length + 1);
    for (const [index, other] of b.entries())
      if (other === word) {
        const run = (previous[index] ?? 0) + 1;
        current[index + 1] = run;
        longest = Math.max(longest, run);
      }
    previous = current;
  }
  return a.length === 0 ? 0 : longest / a.length;
}
