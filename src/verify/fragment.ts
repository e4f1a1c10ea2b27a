import { indexTerms, words } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { questionShare } from './answerable.ts';
import { passed } from './checks.ts';
import { checkQuantities, isSameKind, isStated } from './numbers.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import type { CheckedReleaseOptions } from './release-piece.ts';
import type { SupportJudge } from './support.ts';
import { alignWords, type Gap, tellingWords } from './support-alignment.ts';
import { dimensionsIn } from './units.ts';

/** Answers with at most this many terms (`3`, `20 days`) say too little to be weighed as sentences. */
export const FRAGMENT_TERMS = 3;
/** The sentence with the fragment must have more than this share of the question's key terms. */
const LEAST_QUESTION = 0.5;
const EMPTY_ANSWERS = new Set(['yes', 'no', 'not', 'none', 'ye', 'true', 'fals']);

/** What a question begins with and its answer takes the place of. */
const ASKING =
  /^(?:(?:to|by|in|at|for|of|from|since|until|on) )?(?:who|whom|whose|what|which|when|where|why|how (?:many|much|long|often|old|far|big)|how)\b(?: (?:is|are|was|were|do|does|did|can|may|must|should|will)\b)?\s*/i;

export interface FoundFragment {
  readonly index: number;
  /** Share of the question's key terms in the sentence and its headings, 0 … 1. */
  readonly share: number;
}

/** Fewer words are a cell or an item of a list, which says nothing by itself. */
const LEAST_SENTENCE_WORDS = 4;

/**
 * `Pipelining is off by default.` is no fragment where a source says just that; a value is one all
 * the same, for what it is a value of stands elsewhere.
 */
export function isSaidAs(sentence: string, source: string): boolean {
  const said = words(sentence);
  if (said.length < LEAST_SENTENCE_WORDS || /\p{N}/u.test(sentence)) return false;
  return said.join(' ') === words(source).join(' ');
}

/**
 * The sentence that says what a fragment says, in the place the question asks about: it has all of
 * the fragment's words and quantities, and most of the question's terms (`contexts` = the sentences
 * with headings and path). Undefined when there is none, or the fragment is a bare yes or no.
 */
export function findFragment(
  fragment: string,
  question: string,
  sentences: readonly string[],
  contexts: readonly string[],
): FoundFragment | undefined {
  const quantities = quantitiesOf(fragment);
  const counted = new Set(quantities.flatMap((one) => indexTerms(one.text)));
  const terms = indexTerms(fragment).filter(
    (term) => !counted.has(term) && !EMPTY_ANSWERS.has(term),
  );
  if (terms.length === 0 && quantities.length === 0) return undefined;
  const dimensions = dimensionsIn(contexts);
  let best: FoundFragment | undefined;
  for (const [index, sentence] of sentences.entries()) {
    const known = new Set(indexTerms(sentence));
    if (!terms.every((term) => known.has(term))) continue;
    if (!checkQuantities(fragment, quantitiesOf(sentence), dimensions).passed) continue;
    const share = questionShare(question, [contexts[index] ?? sentence]);
    if (share > LEAST_QUESTION && share > (best?.share ?? 0)) best = { index, share };
  }
  if (best === undefined) return undefined;
  const { index: found, share: least } = best;
  const isRival = (sentence: string, index: number) =>
    questionShare(question, [contexts[index] ?? sentence]) >= least &&
    (quantities.length === 0
      ? !terms.every((term) => indexTerms(sentence).includes(term))
      : saysOther(quantities, sentence)) &&
    isAskedInstead(question, sentence, sentences[found] ?? '');
  return sentences.some(isRival) ? undefined : best;
}

/**
 * Question and fragment as one statement, which can be held to the evidence as a sentence is: the
 * fragment stands for the words that ask. Names of the question are the asker's and may be written
 * out in the evidence, so they are put as plain words.
 */
function statementOf(question: string, fragment: string): string {
  const asked = question.trim().replace(/\?+$/, '').replace(ASKING, '');
  return `${fragment.trim().replace(/[.!]+$/, '')} ${asked.toLowerCase()}`;
}

/**
 * Holds a found fragment to the threshold. Nothing of its statement may speak against it. Where the
 * threshold promises a share of errors only the statement's P(supported) counts, which is what was
 * certified; elsewhere the words of the question beside the fragment count as well.
 */
export async function holdFragment(
  judge: SupportJudge,
  fragment: string,
  { share }: FoundFragment,
  options: Pick<CheckedReleaseOptions, 'question' | 'threshold' | 'promise'>,
): Promise<CheckResult> {
  const { question = '', threshold, promise } = options;
  const statement = statementOf(question, fragment);
  const { score, verdict, check } = await judge.judge(statement, threshold);
  if (verdict === 'contradicted' || check.check !== 'support' || promise !== undefined)
    return check;
  const best = Math.max(score, share);
  return best < threshold || check.passed
    ? check
    : passed('support', best, `said where ${Math.round(share * 100)} % of the question is`);
}

/**
 * Has a sentence what is asked about in the place where the found one has something else? `20 mg` for
 * adults is no answer for children where a sentence about children says how much.
 */
function isAskedInstead(question: string, sentence: string, found: string): boolean {
  const asked = new Set(indexTerms(question));
  const termsOf = (words: Gap['claimed']) =>
    tellingWords(words).flatMap(({ text }) => indexTerms(text));
  return alignWords(sentence, found).some((gap) => {
    const instead = termsOf(gap.found).filter((term) => !/^\d/.test(term));
    return (
      termsOf(gap.claimed).some((term) => asked.has(term)) &&
      instead.length > 0 &&
      !instead.some((term) => asked.has(term))
    );
  });
}

/** Does a sentence give another value of the same kind as one of these? */
function saysOther(quantities: readonly Quantity[], sentence: string): boolean {
  const said = quantitiesOf(sentence);
  return quantities.some(
    (one) => !isStated(one, said) && said.some((other) => isSameKind(one, other)),
  );
}
