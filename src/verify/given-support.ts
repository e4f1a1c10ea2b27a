import { indexTerms } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { isDeclined } from './citation-marks.ts';
import { missingNameShare } from './names.ts';
import { missingNumberShare } from './numbers.ts';
import { quantitiesOf } from './quantities.ts';

/** Below this share of its terms in the text, an answer was not read there. */
const LEAST = 0.5;
/** Words by which an answer to a question about a text begins or agrees, which no text has to have. */
const ANSWERING = new Set(
  'yes no not never according text passage states mentions answer says given context above'
    .split(' ')
    .flatMap(indexTerms),
);

/**
 * Do the words of an answer come from the text that the question is about? The share of its terms
 * that text or question have; a number or a name that neither has is a veto. Undefined where the
 * answer has no terms.
 */
export function checkGivenSupport(
  answer: string,
  text: string,
  question: string,
): CheckResult | undefined {
  const terms = [...new Set(indexTerms(answer))].filter((term) => !ANSWERING.has(term));
  if (isDeclined(answer)) return failed('given-text', 0.3, 'the spoke found no answer in the text');
  const known = [text, question];
  const numbers = missingNumberShare(quantitiesOf(answer), known.flatMap(quantitiesOf));
  const names = missingNameShare(answer, known);
  if (terms.length === 0 && numbers === 0) return undefined;
  const has = new Set(known.flatMap(indexTerms));
  const missing = terms.filter((term) => !has.has(term));
  const share = terms.length === 0 ? 1 : 1 - missing.length / terms.length;
  const score = share * (1 - numbers) * (1 - names / 2);
  if (numbers > 0) return failed('given-text', Math.min(0.3, score), 'a number is not in the text');
  if (share < LEAST)
    return failed(
      'given-text',
      score,
      `not in the text: ${quoted(missing.slice(0, 4).join(', '))}`,
    );
  return passed('given-text', score, `${Math.round(100 * share)} % of its terms are in the text`);
}
