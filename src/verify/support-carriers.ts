import { indexTerms } from '../base/tokens.ts';
import type { EvidenceIndex, IndexedSentence } from './evidence-index.ts';
import { clausesOf } from './support-clauses.ts';

/** BM25 with the parameters of Lucene's users (Robertson and Zaragoza, 2009, §3.4). */
const K1 = 0.9;
const B = 0.4;
/**
 * Weights of what makes a sentence the one that carries a claim; of few constants, chosen by
 * cross-validation on the development part of WiCE (319 claims with their supporting sentences).
 */
const WEIGHT = { bm25: 0.5, covered: 1, cosine: 1, quantities: 0.4, neighbour: 0.8, clause: 0.3 };

/** A claim read against the words of one body of evidence. */
export interface WordReading {
  readonly terms: readonly string[];
  /** How much a term tells here, > 0. */
  readonly tellingOf: (term: string) => number;
  /** Per evidence sentence: share of what the claim's terms tell that it has. */
  readonly covered: readonly number[];
  /** Per evidence sentence: BM25 as a share of the highest. */
  readonly bm25: readonly number[];
  readonly clauses: readonly (readonly string[])[];
}

export function readWords(claim: IndexedSentence, evidence: EvidenceIndex): WordReading {
  const { sentences, frequencies } = evidence;
  const terms = [...claim.terms];
  // Twenty sentences of other texts are taken to lack the term, so that short evidence tells too.
  const tellingOf = (term: string) => {
    const frequency = frequencies.get(term) ?? 0;
    return Math.log(1 + (sentences.length + 20.5 - frequency) / (frequency + 1));
  };
  const bm25 = rankByWords(terms, evidence);
  const most = Math.max(1e-9, ...bm25);
  return {
    terms,
    tellingOf,
    covered: sentences.map((one) => coveredShare(terms, tellingOf, (term) => one.terms.has(term))),
    bm25: bm25.map((score) => score / most),
    clauses: clausesOf(claim.text).map((clause) => [...new Set(indexTerms(clause))]),
  };
}

/** Share of what terms tell that lies in those for which `has` is true; 0 for no terms. */
export function coveredShare(
  terms: readonly string[],
  tellingOf: (term: string) => number,
  has: (term: string) => boolean,
): number {
  let whole = 0;
  let found = 0;
  for (const term of terms) {
    const telling = tellingOf(term);
    whole += telling;
    if (has(term)) found += telling;
  }
  return whole === 0 ? 0 : found / whole;
}

function rankByWords(terms: readonly string[], evidence: EvidenceIndex): readonly number[] {
  const { sentences, frequencies } = evidence;
  const count = sentences.length;
  const mean = sentences.reduce((sum, one) => sum + one.terms.size, 0) / Math.max(1, count);
  const rarity = terms.map((term) => {
    const frequency = frequencies.get(term) ?? 0;
    return Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5));
  });
  return sentences.map((one) => {
    const length = 1 - B + (B * one.terms.size) / Math.max(1, mean);
    return terms.reduce(
      (sum, term, at) =>
        one.terms.has(term) ? sum + ((rarity[at] ?? 0) * (K1 + 1)) / (1 + K1 * length) : sum,
      0,
    );
  });
}

/** Evidence sentences by how well they carry the claim, best first; `cosines` where there are any. */
export function rankCarriers(
  reading: WordReading,
  claimNumbers: readonly string[],
  evidence: EvidenceIndex,
  cosines?: readonly number[],
): readonly number[] {
  const { covered, bm25, clauses, tellingOf } = reading;
  const scores = evidence.sentences.map((sentence, at) => {
    const text = sentence.text.toLowerCase();
    const stated = claimNumbers.filter((one) => text.includes(one)).length;
    const neighbour = Math.max(covered[at - 1] ?? 0, covered[at + 1] ?? 0);
    const clause = Math.max(
      0,
      ...clauses.map((terms) => coveredShare(terms, tellingOf, (term) => sentence.terms.has(term))),
    );
    return (
      WEIGHT.bm25 * (bm25[at] ?? 0) +
      WEIGHT.covered * (covered[at] ?? 0) +
      WEIGHT.cosine * (cosines?.[at] ?? 0) +
      WEIGHT.quantities * (stated / Math.max(1, claimNumbers.length)) +
      WEIGHT.neighbour * neighbour +
      WEIGHT.clause * clause
    );
  });
  return [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}
