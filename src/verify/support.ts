import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { type EvidenceIndex, indexEvidence, indexSentence } from './evidence-index.ts';
import { checkPlainNames } from './names.ts';
import { checkQuantities } from './numbers.ts';
import { isCheckable, readSupport, type SupportReading } from './support-features.ts';
import { dot, type MeaningVectors } from './support-meaning.ts';
import { turnAround } from './support-opposite.ts';
import {
  contradictionProbability,
  SHIPPED_SCORER,
  type SupportScorer,
  supportProbability,
} from './support-scorer.ts';

/** Unit vectors, one per text; undefined while there is no embedder. */
export type Embed = (texts: readonly string[]) => Promise<Float32Array[]> | undefined;

/** Evidence sentences whose meaning is compared with a claim; the rest is ruled out by words. */
const MOST_EMBEDDED = 24;
/** Longest evidence that is indexed: sentences. A prompt holds about 40. */
const MOST_SENTENCES = 2000;
/**
 * Between these probabilities the scorer is right little more often than a coin (on the development
 * sets about two times in three): where a dearer judge pays.
 */
const UNDECIDED = { low: 0.3, high: 0.7 } as const;
/** Share of a claim's terms in two sentences in a row from which both are about the same thing. */
const SAME_SUBJECT = 0.7;

/** What the evidence makes of a sentence. */
export type SupportVerdict = 'supported' | 'contradicted' | 'not-found' | 'not-checkable';

export interface SupportResult {
  /** P(the evidence supports the sentence) at even odds, 0 … 1; low after a veto. */
  readonly score: number;
  readonly verdict: SupportVerdict;
  /** No veto, and the score is between .3 and .7: a judge may overrule it either way. */
  readonly isUndecided: boolean;
  /** Index of the evidence sentence that carries it best, −1 without evidence. */
  readonly best: number;
  /** Evidence sentences that cover the claim about as well, best first. */
  readonly carriers: readonly number[];
  /** All evidence sentences by how well they carry the claim, best first. */
  readonly ranked: readonly number[];
  readonly check: CheckResult;
}

interface Veto {
  readonly check: CheckResult;
  readonly verdict: SupportVerdict;
}

/**
 * Judges sentences against one body of evidence: words, copied runs, numbers, names, negation and
 * opposites, and embeddings where there is an embedder. The evidence is read once.
 */
export class SupportJudge {
  readonly #evidence: EvidenceIndex;
  readonly #embed: Embed | undefined;
  readonly #scorer: SupportScorer;
  readonly #promise: string;
  readonly #vectors = new Map<number, Float32Array>();

  /**
   * `promise` = what the threshold promises, in words; told with every sentence that passes.
   * `headings` may name the units of the numbers below them, and what is spoken of there.
   */
  constructor(
    evidence: readonly string[],
    embed?: Embed,
    scorer: SupportScorer = SHIPPED_SCORER,
    promise?: string,
    headings: readonly string[] = [],
  ) {
    this.#promise = promise === undefined ? '' : `; ${promise}`;
    this.#evidence = indexEvidence(evidence.slice(0, MOST_SENTENCES), headings);
    this.#embed = embed;
    this.#scorer = scorer;
  }

  /** `threshold` is the least P(supported) that passes, 0 … 1. */
  async judge(sentence: string, threshold: number): Promise<SupportResult> {
    return this.resultOf(sentence, await this.read(sentence), threshold);
  }

  /** The check of the least supported of some sentences; failed for none. */
  async leastOf(sentences: readonly string[], threshold: number): Promise<CheckResult> {
    const checks: CheckResult[] = [];
    for (const sentence of sentences) checks.push((await this.judge(sentence, threshold)).check);
    const [least] = checks.sort((a, b) => Number(a.passed) - Number(b.passed) || a.score - b.score);
    return least ?? failed('support', 0, 'there is nothing to check');
  }

  /** What the scorer sees of a sentence. */
  async read(sentence: string): Promise<SupportReading> {
    return readSupport(sentence, this.#evidence, await this.#meaning(sentence));
  }

  /** As judge, without embeddings and without waiting. */
  judgeByWords(sentence: string, threshold: number): SupportResult {
    return this.resultOf(sentence, readSupport(sentence, this.#evidence), threshold);
  }

  /** What a reading comes to, by the judge's scorer or another. */
  resultOf(
    sentence: string,
    reading: SupportReading,
    threshold: number,
    scorer: SupportScorer = this.#scorer,
  ): SupportResult {
    const best = reading.ranked[0] ?? -1;
    const { values, shape, ranked } = reading;
    const score = best < 0 ? 0 : supportProbability(scorer, values, shape);
    const veto = best < 0 ? undefined : this.#veto(sentence, reading);
    const common = { best, ranked, carriers: this.#carriers(sentence, best) };
    if (veto !== undefined)
      return {
        ...common,
        score: Math.min(score, veto.check.score),
        verdict: veto.verdict,
        isUndecided: false,
        check: { ...veto.check, sentence },
      };
    return {
      ...common,
      score,
      verdict: score >= threshold ? 'supported' : unsupportedVerdict(sentence, reading, scorer),
      isUndecided: best >= 0 && score > UNDECIDED.low && score < UNDECIDED.high,
      check: { ...this.#check(best, score, threshold, scorer), sentence },
    };
  }

  /** Evidence sentences that carry the claim as well as `best` does, to within a twentieth. */
  areAsGood(sentence: string, best: number, others: readonly number[]): readonly number[] {
    const { terms } = indexSentence(sentence);
    const shareOf = (index: number) =>
      [...terms].filter((term) => this.#evidence.sentences[index]?.terms.has(term)).length /
      Math.max(1, terms.size);
    const least = shareOf(best) - 0.05;
    return others.filter((index) => shareOf(index) >= least);
  }

  /** Highest cosine of a question and some evidence sentences; undefined without an embedder. */
  async nearness(question: string, indices: readonly number[]): Promise<number | undefined> {
    const vectors = await this.#vectorsOf([question], indices);
    const asked = vectors?.[0];
    if (asked === undefined) return undefined;
    return Math.max(...indices.map((index) => dot(asked, this.#vectors.get(index) ?? asked)));
  }

  #check(best: number, score: number, threshold: number, { knows }: SupportScorer): CheckResult {
    const by = knows === undefined ? '' : `; judged by ${knows}`;
    const share = `P(supported) ${score.toFixed(2)}`;
    const text = this.#evidence.sentences[best]?.text;
    if (text === undefined) return failed('support', 0, 'there is no evidence');
    return score >= threshold
      ? passed('support', score, `${share} by ${quoted(text)}${by}${this.#promise}`)
      : failed('support', score, `${share}; nearest is ${quoted(text)}${by}`);
  }

  /** What no weighing may outvote: a number or name from nowhere or from something else, the opposite. */
  #veto(sentence: string, reading: SupportReading): Veto | undefined {
    const isSameSubject = reading.coveredByTwo >= SAME_SUBJECT;
    const numbers = checkQuantities(sentence, this.#evidence.quantities, this.#evidence.dimensions);
    if (!numbers.passed)
      return { check: numbers, verdict: isSameSubject ? 'contradicted' : 'not-found' };
    const names = checkPlainNames(sentence, this.#evidence.names);
    if (!names.passed) return { check: names, verdict: 'not-found' };
    const { exchange, opposite, negated } = reading;
    if (exchange) {
      const detail = `says ${quoted(exchange.claimed)} where the source says ${quoted(exchange.found)}`;
      return { check: failed('support', 0.1, detail), verdict: 'contradicted' };
    }
    if (!isSameSubject) return undefined;
    if (opposite) {
      const detail = `says ${quoted(opposite.claimed)} where the source says the opposite (${quoted(opposite.found)})`;
      return { check: failed('support', 0.15, detail), verdict: 'contradicted' };
    }
    if (negated === undefined) return undefined;
    const detail = `only one of answer and source negates ${quoted(negated)}`;
    return { check: failed('support', 0.2, detail), verdict: 'contradicted' };
  }

  /** The best sentence and others that add at least a third of the sentence's terms on their own. */
  #carriers(sentence: string, best: number): readonly number[] {
    if (best < 0) return [];
    const claim = indexSentence(sentence);
    const found = [best];
    const covered = new Set(
      [...claim.terms].filter((term) => this.#evidence.sentences[best]?.terms.has(term)),
    );
    const needed = Math.max(2, claim.terms.size / 3);
    for (const [index, other] of this.#evidence.sentences.entries()) {
      const added = [...claim.terms].filter((term) => !covered.has(term) && other.terms.has(term));
      if (index === best || added.length < needed) continue;
      found.push(index);
      for (const term of added) covered.add(term);
    }
    return found;
  }

  async #meaning(sentence: string): Promise<MeaningVectors | undefined> {
    const chosen = this.#nearestByWords(sentence);
    const vectors = await this.#vectorsOf([sentence, turnAround(sentence).text], chosen);
    const [claim, turned] = vectors ?? [];
    if (claim === undefined || turned === undefined) return undefined;
    const isChosen = new Set(chosen);
    const evidence = this.#evidence.sentences.map((_, index) =>
      isChosen.has(index) ? this.#vectors.get(index) : undefined,
    );
    return { claim, turned, evidence };
  }

  /** Vectors of the texts; those of the sentences are kept. */
  async #vectorsOf(
    texts: readonly string[],
    chosen: readonly number[],
  ): Promise<readonly Float32Array[] | undefined> {
    const missing = chosen.filter((index) => !this.#vectors.has(index));
    const sentences = missing.map((index) => this.#evidence.sentences[index]?.text ?? '');
    // Without vectors the words decide: an embedder that fails is no reason to lose the answer.
    const vectors = await this.#embed?.([...texts, ...sentences])?.catch(() => undefined);
    if (vectors === undefined) return undefined;
    for (const [place, index] of missing.entries()) {
      const vector = vectors[texts.length + place];
      if (vector) this.#vectors.set(index, vector);
    }
    return vectors.slice(0, texts.length);
  }

  #nearestByWords(sentence: string): readonly number[] {
    const indices = [...this.#evidence.sentences.keys()];
    if (indices.length <= MOST_EMBEDDED) return indices;
    const { terms } = indexSentence(sentence);
    const shared = this.#evidence.sentences.map(
      (one) => [...terms].filter((term) => one.terms.has(term)).length,
    );
    return indices
      .sort((a, b) => (shared[b] ?? 0) - (shared[a] ?? 0) || a - b)
      .slice(0, MOST_EMBEDDED);
  }
}

/** Of a sentence without veto that the scorer does not pass. */
function unsupportedVerdict(
  sentence: string,
  { values }: SupportReading,
  scorer: SupportScorer,
): SupportVerdict {
  if (!isCheckable(sentence)) return 'not-checkable';
  const against = contradictionProbability(scorer, values) ?? 0;
  return against >= 0.5 ? 'contradicted' : 'not-found';
}
