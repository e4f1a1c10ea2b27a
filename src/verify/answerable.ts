import { indexTerms } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { quantitiesOf } from './quantities.ts';

/** Words of questions that evidence need not repeat. */
const ASKING = new Set(
  (
    'how much many long often far old big when where who which what why please tell explain need want ' +
    'can could may might must should will there any some get give know find mean look work use make ' +
    'also just still someone something anyone person people thing not no yes all one day time number'
  )
    .split(' ')
    .flatMap(indexTerms),
);

/** Below this share of the question's key terms, the evidence is about something else. */
const LEAST = 0.3;

/**
 * Do the sentences speak about what the question asks at all? The share of its key terms (without
 * question words) that the evidence has, near forms counting half.
 */
export function checkAnswerable(question: string, evidence: readonly string[]): CheckResult {
  const terms = [...new Set(indexTerms(question.slice(0, 4000)))].filter((term) => !ASKING.has(term));
  if (evidence.length === 0) return failed('answerable', 0, 'there is no evidence');
  if (terms.length === 0) return passed('answerable', 0.5, 'the question names nothing to look for');
  const known = new Set(evidence.flatMap(indexTerms));
  const prefixes = new Set([...known].filter((term) => term.length >= 5).map((term) => term.slice(0, 5)));
  const weightOf = (term: string) =>
    known.has(term) ? 1 : term.length >= 5 && prefixes.has(term.slice(0, 5)) ? 0.5 : 0;
  const score = terms.reduce((sum, term) => sum + weightOf(term), 0) / terms.length;
  const missing = terms.filter((term) => weightOf(term) === 0).slice(0, 4);
  if (score < LEAST)
    return failed('answerable', score, `the sentences say nothing about ${quoted(missing.join(', '))}`);
  const rest = missing.length > 0 ? `, not ${quoted(missing.join(', '))}` : '';
  return passed('answerable', score, `the sentences have the question's terms${rest}`);
}

/** What kind of value a question asks for, where its wording says so. */
type Asked = 'amount' | 'money' | 'clock-or-date' | 'none';

function askedFor(question: string): Asked {
  const text = question.toLowerCase();
  if (/\b(?:how much (?:does|do|did|is|are|was|will|would)\b.*\b(?:cost|pay|charge|worth)|what (?:does|do|did|is|was)\b.*\b(?:cost|price|fee|fare)\b)/.test(text))
    return 'money';
  if (/\bhow (?:many|much|long|often|old|far|tall|heavy|fast|big)\b/.test(text)) return 'amount';
  if (/^(?:and )?when\b|\bwhat (?:year|date|time)\b/.test(text)) return 'clock-or-date';
  return 'none';
}

/**
 * Does the answer hold the kind of value that the question asks for? “How many …” wants a number,
 * a price wants money, “when” wants a time. Undefined where the question leaves it open.
 */
export function checkAnswerKind(question: string, answer: string): CheckResult | undefined {
  const asked = askedFor(question.slice(0, 4000));
  if (asked === 'none') return undefined;
  const found = quantitiesOf(answer);
  if (asked === 'money') {
    const free = /\b(?:free|nothing|no (?:charge|cost|fee))\b/i.test(answer);
    const other = found.filter((one) => one.kind === 'number' && one.unit !== undefined);
    const wrong =
      other.length > 0 &&
      other.every((one) => one.kind === 'number' && !MONEY.has(one.unit?.dimension ?? ''));
    return wrong && !free
      ? failed('answerable', 0.2, 'the question asks for a price and the answer gives another quantity')
      : undefined;
  }
  if (found.length > 0) return undefined;
  const vague = /\b(?:no|none|never|always|every|each|daily|weekly|monthly|yearly|annually|once|one|half|all|any|during|after|before|until|unlimited)\b/i;
  return vague.test(answer)
    ? undefined
    : failed('answerable', 0.3, `the question asks for ${asked === 'amount' ? 'a number' : 'a time'} and the answer gives none`);
}

const MONEY = new Set(['dollar', 'euro', 'sterling', 'yen']);
