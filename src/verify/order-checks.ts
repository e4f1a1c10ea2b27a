import type { CheckResult } from '../core/decision.ts';
import { languageDemands } from './answer-language.ts';
import { failed, passed } from './checks.ts';
import type { GivenText } from './given-text.ts';
import { changeDemands } from './order-changes.ts';
import { formDemands, lengthDemands } from './order-limits.ts';

/** Characters of order and answer that are read for demands. */
const MOST = 20_000;

/**
 * Does the answer do what the order says, as far as that can be seen from the words: lengths, form,
 * language, and what a change of a text has to give? Undefined where the order demands nothing of
 * the kind. `whole` is all that the user wrote.
 */
export function checkDemands(
  whole: string,
  given: GivenText | undefined,
  answer: string,
): CheckResult | undefined {
  const order = (given?.order ?? whole).slice(0, MOST);
  const text = answer.slice(0, MOST);
  const demands = [
    ...lengthDemands(order, text),
    ...formDemands(order, whole.slice(0, MOST), text),
    ...languageDemands(order, text),
    ...(given === undefined ? [] : changeDemands({ order, text: given.text.slice(0, MOST) }, text)),
  ];
  if (demands.length === 0) return undefined;
  const broken = demands.filter((one) => !one.holds);
  const names = (some: typeof demands) => some.map((one) => one.name).join(', ');
  return broken.length === 0
    ? passed('demands', 1, `as ordered: ${names(demands)}`)
    : failed('demands', 0.1, `not as ordered: ${names(broken)}`);
}
