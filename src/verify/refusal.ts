import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';

/** Openings by which small chat models decline; matched in the first 200 characters, without case. */
const REFUSALS: readonly RegExp[] = [
  /\b(?:sorry|apologi[sz]e)\b[^.]{0,20}\bbut\b/,
  /\b(?:i|we) (?:can(?:no|['’])t|can not|could not|couldn['’]t|am unable|am not able|are unable|won['’]t|will not) (?:\w+ ){0,2}?(?:help|assist|answer|provide|fulfil+|comply|do that|respond|access|browse|determine|find|give|share|discuss)\b/,
  /\bi(?:['’]m| am) (?:unable|not able|not allowed|not permitted) to\b/,
  /\bas an? (?:ai|artificial intelligence|(?:large )?language model|assistant)\b/,
  /\bi (?:do not|don['’]t) (?:have (?:\w+ ){0,2}?(?:access|information|knowledge|the ability|enough)|know)\b/,
  /\b(?:there is|there['’]s) (?:no|not enough) information\b/,
  /\bit is (?:not possible|impossible) (?:for me )?to (?:answer|determine|say|tell)\b/,
];
/** In a longer answer, what follows the phrase usually is an answer after all. */
const LONGEST_REFUSAL = 400;

/** Does the answer decline? A refusal phrase near the start of a short answer is one. */
export function checkRefusal(text: string): CheckResult {
  const start = text.trimStart().slice(0, 200).toLowerCase();
  const phrase = REFUSALS.map((pattern) => pattern.exec(start)?.[0]).find((found) => found);
  if (phrase === undefined) return passed('refusal', 1, 'the answer does not decline');
  if (text.length > LONGEST_REFUSAL)
    return passed('refusal', 0.7, `a long answer that begins with ${quoted(phrase)}`);
  return failed('refusal', 0.05, `the answer declines: ${quoted(start)}`);
}
