import type { CheckResult } from '../core/decision.ts';
import { failed } from './checks.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import { unitOf } from './units.ts';

type Asked = 'amount' | 'money' | 'time' | 'anything';

const PRICE =
  /\bhow much (?:does|do|did|is|are|was|will|would)\b.{0,80}\b(?:cost|pay|charge|worth)\b|\bwhat (?:does|do|did|is|was)\b.{0,80}\b(?:cost|price|fee|fare)\b/;
const AMOUNT = /\bhow (?:many|much|long|often|old|far|tall|heavy|fast)\b/;
const TIME = /^(?:and |so )?when\b|\bwhat (?:year|date|time)\b/;
const FREE = /\b(?:free|nothing|no (?:charge|cost|fee))\b/i;
const MONEY: ReadonlySet<string> = new Set(['dollar', 'euro', 'sterling', 'yen']);
const COUNTED = /\bhow many (?:\w+ )?(\p{L}+)\b/iu;
/** Dimensions that count no things. */
const MEASURES: ReadonlySet<string> = new Set([...MONEY, 'share', 'length', 'mass', 'temperature']);
/** Words that answer “how much” or “when” without a number. */
const VAGUE =
  /\b(?:no|none|nothing|free|never|always|every|each|daily|weekly|monthly|yearly|annually|quarterly|once|one|half|all|any|during|after|before|until|since|unlimited|today|tomorrow|as (?:long|many|much|often))\b/i;

/**
 * Does the answer hold the kind of value that the question asks for? “How many” wants a number, a
 * price wants money, “when” a time. Undefined where the question leaves the kind open or the answer
 * fits.
 */
export function checkAnswerKind(question: string, answer: string): CheckResult | undefined {
  const asked = kindOf(question.slice(0, 2000).toLowerCase());
  if (asked === 'anything') return undefined;
  const found = quantitiesOf(answer);
  if (asked === 'money') {
    const units = found.flatMap((one) => (one.kind === 'number' && one.unit ? [one.unit] : []));
    const isOther = units.length > 0 && units.every((unit) => !MONEY.has(unit.dimension));
    return isOther && !FREE.test(answer)
      ? failed('answerable', 0.2, 'the question asks for a price, the answer gives something else')
      : undefined;
  }
  if (asked === 'amount' && isOtherThing(question, found))
    return failed(
      'answerable',
      0.2,
      'the question asks how many, the answer gives another measure',
    );
  if (found.length > 0 || VAGUE.test(answer)) return undefined;
  const wanted = asked === 'amount' ? 'a number' : 'a time';
  return failed('answerable', 0.3, `the question asks for ${wanted}, the answer gives none`);
}

/** “How many people” is not answered by euros or metres; “how many days” is by a time. */
function isOtherThing(question: string, found: readonly Quantity[]): boolean {
  const counted = COUNTED.exec(question)?.[1];
  if (counted === undefined || unitOf(counted) !== undefined || found.length === 0) return false;
  return found.every((one) => one.kind === 'number' && MEASURES.has(one.unit?.dimension ?? ''));
}

function kindOf(question: string): Asked {
  if (PRICE.test(question)) return 'money';
  if (AMOUNT.test(question)) return 'amount';
  return TIME.test(question) ? 'time' : 'anything';
}
