import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { type EvidenceIndex, indexEvidence, indexSentence } from './evidence-index.ts';
import { checkNames } from './names.ts';
import { checkNumbers } from './numbers.ts';
import { readSupport, type SupportReading } from './support-features.ts';
import { supportProbability } from './support-weights.ts';

/** Unit vectors, one per text; undefined while there is no embedder. */
export type Embed = (texts: readonly string[]) => Promise<Float32Array[]> | undefined;

/** Evidence sentences whose meaning is compared with a claim; the rest is ruled out by words. */
const MOST_EMBEDDED = 24;
/** Longest evidence that is indexed: sentences. A prompt holds about 40. */
const MOST_SENTENCES = 2000;

export interface SupportResult {
  /** P(the evidence supports the sentence), 0 … 1. */
  readonly score: number;
  /** Index of the evidence sentence that carries it best, −1 without evidence. */
  readonly best: number;
  /** Evidence sentences that cover the claim about as well, best first. */
  readonly carriers: readonly number[];
  readonly check: CheckResult;
}

/**
 * Judges sentences against one body of evidence: words, copied runs, numbers, names, negation and
 * opposites, and the cosine of embeddings where there is an embedder. The evidence is read once.
 */
export class SupportJudge {
  readonly #evidence: EvidenceIndex;
  readonly #embed: Embed | undefined;
  readonly #vectors = new Map<number, Float32Array>();

  constructor(evidence: readonly string[], embed?: Embed) {
    this.#evidence = indexEvidence(evidence.slice(0, MOST_SENTENCES));
    this.#embed = embed;
  }

  /** `threshold` is the least P(supported) that passes, 0 … 1. */
  async judge(sentence: string, threshold: number): Promise<SupportResult> {
    return this.#result(sentence, threshold, await this.#cosines(sentence));
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
    const cosines = await this.#cosinesOf(question, indices);
    return cosines && Math.max(...indices.map((index) => cosines[index] ?? 0));
  }

  /** As judge, without embeddings and without waiting. */
  judgeByWords(sentence: string, threshold: number): SupportResult {
    return this.#result(sentence, threshold, undefined);
  }

  #result(
    sentence: string,
    threshold: number,
    cosines: readonly number[] | undefined,
  ): SupportResult {
    const reading = readSupport(sentence, this.#evidence, cosines);
    const score = reading.best < 0 ? 0 : supportProbability(reading.values, cosines !== undefined);
    const veto = this.#veto(sentence, reading);
    const check = veto ?? this.#verdict(reading, score, threshold);
    return {
      score: veto ? Math.min(score, veto.score) : score,
      best: reading.best,
      carriers: this.#carriers(sentence, reading.best),
      check: { ...check, sentence },
    };
  }

  #verdict(reading: SupportReading, score: number, threshold: number): CheckResult {
    const share = `P(supported) ${score.toFixed(2)}`;
    const text = this.#evidence.sentences[reading.best]?.text;
    if (text === undefined) return failed('support', 0, 'there is no evidence');
    return score >= threshold
      ? passed('support', score, `${share} by ${quoted(text)}`)
      : failed('support', score, `${share}; nearest is ${quoted(text)}`);
  }

  /** What no weighing may outvote: a number or name from nowhere, the opposite of what is written. */
  #veto(sentence: string, reading: SupportReading): CheckResult | undefined {
    const numbers = checkNumbers(sentence, this.#evidence.texts);
    if (!numbers.passed) return numbers;
    const names = checkNames(sentence, this.#evidence.texts);
    if (!names.passed) return names;
    const [, , window = 0] = reading.values;
    if (window < 0.7) return undefined;
    if (reading.opposite)
      return failed(
        'support',
        0.15,
        `says ${quoted(reading.opposite.claimed)} where the source says the opposite (${quoted(reading.opposite.found)})`,
      );
    if (reading.negated !== undefined)
      return failed(
        'support',
        0.2,
        `only one of answer and source negates ${quoted(reading.negated)}`,
      );
    return undefined;
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

  /** One cosine per evidence sentence; 0 for sentences that share too few words to be embedded. */
  #cosines(sentence: string): Promise<readonly number[] | undefined> {
    return this.#cosinesOf(sentence, this.#nearestByWords(sentence));
  }

  async #cosinesOf(
    sentence: string,
    chosen: readonly number[],
  ): Promise<readonly number[] | undefined> {
    const missing = chosen.filter((index) => !this.#vectors.has(index));
    const texts = [
      sentence,
      ...missing.map((index) => this.#evidence.sentences[index]?.text ?? ''),
    ];
    // Without vectors the words decide: an embedder that fails is no reason to lose the answer.
    const vectors = await this.#embed?.(texts)?.catch(() => undefined);
    const asked = vectors?.[0];
    if (vectors === undefined || asked === undefined) return undefined;
    for (const [place, index] of missing.entries()) {
      const vector = vectors[place + 1];
      if (vector) this.#vectors.set(index, vector);
    }
    const cosines = new Array<number>(this.#evidence.sentences.length).fill(0);
    for (const index of chosen) cosines[index] = dot(asked, this.#vectors.get(index));
    return cosines;
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

function dot(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b?.[index] ?? 0);
  return sum;
}
