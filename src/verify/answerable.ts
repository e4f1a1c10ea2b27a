import { questionTerms } from '../base/question-terms.ts';
import { indexTerms } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { PREFIX_LENGTH } from './evidence-index.ts';

/** Terms that are told as missing. */
const MOST_TOLD = 4;
/** Below this share of the question's key terms, the evidence is about something else. */
const LEAST = 0.3;
/** As LEAST, for one sentence of an answer with what it stands on. */
const LEAST_RELEVANCE = 0.34;
/**
 * Cosines (bge-small) of a question and the sentence that answers it: 0.62 to 0.91 on the 34
 * answerable questions of bench/grounded-pairs.ts, median 0.75; the nearest sentence of the 21
 * unanswerable ones had 0.53 to 0.76, 11 of them below 0.6.
 */
const FAR = 0.6;
const NEAR = 0.7;

/**
 * Do the sentences speak about what the question asks at all? The share of its key terms (without
 * question words) that the evidence has, near forms counting half.
 */
export function checkAnswerable(question: string, evidence: readonly string[]): CheckResult {
  if (evidence.length === 0) return failed('answerable', 0, 'there is no evidence');
  const reading = readQuestion(question, evidence);
  if (reading === undefined)
    return passed('answerable', 0.5, 'the question names nothing to look for');
  const missing = quoted(reading.missing.slice(0, MOST_TOLD).join(', '));
  if (reading.share < LEAST)
    return failed('answerable', reading.share, `the sentences say nothing about ${missing}`);
  const rest = reading.missing.length > 0 ? `, not ${missing}` : '';
  return passed('answerable', reading.share, `the sentences have the question's terms${rest}`);
}

/**
 * A question for an answer, with no word that was not asked: it answers nothing, even where a
 * document asks it too. “The safe is blue.” after “Is the safe blue?” does. Undefined otherwise.
 */
export function checkEcho(question: string, sentence: string): CheckResult | undefined {
  if (!sentence.trim().endsWith('?')) return undefined;
  const asked = new Set(indexTerms(question.slice(0, 4000)));
  if (indexTerms(sentence).some((term) => !asked.has(term))) return undefined;
  return failed('answerable', 0, 'it repeats the question');
}

/**
 * Does a sentence of an answer speak about the question? Its terms must be in the sentence itself
 * or in the evidence (with headings) that carries it; where there is an embedder, the cosine of
 * question and evidence decides against and for it. Undefined when nothing speaks against it.
 */
export function checkRelevance(
  question: string,
  sentence: string,
  carriers: readonly string[],
  nearness?: number,
): CheckResult | undefined {
  if (nearness !== undefined && nearness < FAR) {
    const detail = `true, but far from the question (cosine ${nearness.toFixed(2)})`;
    return failed('answerable', nearness, detail);
  }
  const reading = readQuestion(question, [sentence, ...carriers]);
  if (reading === undefined || reading.share >= LEAST_RELEVANCE) return undefined;
  if (nearness !== undefined && nearness >= NEAR) return undefined;
  const missing = quoted(reading.missing.slice(0, MOST_TOLD).join(', '));
  return failed('answerable', reading.share, `true, but it says nothing about ${missing}`);
}

/** Share of the question's key terms that the texts have, 0 … 1; 0.5 when it has none. */
export function questionShare(question: string, texts: readonly string[]): number {
  return readQuestion(question, texts)?.share ?? 0.5;
}

/** Key terms of the question that the texts have in no form. */
export function missingTerms(question: string, texts: readonly string[]): readonly string[] {
  return readQuestion(question, texts)?.missing ?? [];
}

/** Undefined when the question has no key terms. */
function readQuestion(
  question: string,
  evidence: readonly string[],
): { readonly share: number; readonly missing: readonly string[] } | undefined {
  const terms = questionTerms(question);
  if (terms.length === 0) return undefined;
  const known = new Set(evidence.flatMap(indexTerms));
  const prefixes = new Set([...known].filter((term) => term.length >= PREFIX_LENGTH).map(prefixOf));
  const weightOf = (term: string) => {
    if (known.has(term)) return 1;
    return term.length >= PREFIX_LENGTH && prefixes.has(prefixOf(term)) ? 0.5 : 0;
  };
  const share = terms.reduce((sum, term) => sum + weightOf(term), 0) / terms.length;
  return { share, missing: terms.filter((term) => weightOf(term) === 0) };
}

function prefixOf(term: string): string {
  return term.slice(0, PREFIX_LENGTH);
}
