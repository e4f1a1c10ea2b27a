import { indexTerms } from '../base/tokens.ts';
import { questionShare } from './answerable.ts';
import { checkNumbers } from './numbers.ts';
import { quantitiesOf } from './quantities.ts';

/** Answers with at most this many terms (`3`, `20 days`) say too little to be weighed as sentences. */
export const FRAGMENT_TERMS = 3;
/** The sentence with the fragment must have more than this share of the question's key terms. */
const LEAST_QUESTION = 0.5;
const EMPTY_ANSWERS = new Set(['yes', 'no', 'not', 'none', 'ye', 'true', 'fals']);

export interface FoundFragment {
  readonly index: number;
  /** Share of the question's key terms in the sentence and its headings, 0 … 1. */
  readonly share: number;
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
  let best: FoundFragment | undefined;
  for (const [index, sentence] of sentences.entries()) {
    const known = new Set(indexTerms(sentence));
    if (!terms.every((term) => known.has(term))) continue;
    if (!checkNumbers(fragment, [sentence]).passed) continue;
    const share = questionShare(question, [contexts[index] ?? sentence]);
    if (share > LEAST_QUESTION && share > (best?.share ?? 0)) best = { index, share };
  }
  return best;
}
