import { indexTerms, words } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';
import { jsonAnswer, plainAnswer } from './plain-answer.ts';

/** Words up to which answers are compared as results, longer ones by their words and last number. */
const SHORT = 12;
/** Share of common words from which longer answers say the same. */
const ALIKE = 0.7;

/** Do two spokes say the same: the same values of JSON, the same short result, the same last number and most words? */
export function checkAgreement(first: string, second: string): CheckResult {
  return saysSame(first, second)
    ? passed('agreement', 1, 'a second spoke says the same')
    : failed('agreement', 0, 'a second spoke says something else');
}

function saysSame(first: string, second: string): boolean {
  const [left, right] = [jsonAnswer(first), jsonAnswer(second)];
  if (left !== undefined || right !== undefined) return canonical(left) === canonical(right);
  const [one, other] = [words(plainAnswer(first)), words(plainAnswer(second))];
  if (one.length === 0 || other.length === 0) return false;
  if (one.join(' ') === other.join(' ')) return true;
  if (one.length <= SHORT && other.length <= SHORT) return hasSameTerms(first, second);
  const numbers = [lastNumber(one), lastNumber(other)];
  if (numbers[0] !== numbers[1]) return false;
  if (numbers[0] !== undefined) return true;
  const common = new Set(one);
  const shared = new Set(other.filter((word) => common.has(word)));
  return shared.size / Math.max(common.size, new Set(other).size) >= ALIKE;
}

/** `Paris` and `It is Paris.` */
function hasSameTerms(first: string, second: string): boolean {
  const [one, other] = [new Set(indexTerms(first)), new Set(indexTerms(second))];
  return one.size > 0 && one.size === other.size && [...one].every((term) => other.has(term));
}

function lastNumber(all: readonly string[]): string | undefined {
  return all.findLast((word) => /^\d/.test(word));
}

/** JSON with sorted keys, strings without case and outer space, numbers as numbers. */
function canonical(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'string') return one.trim().toLowerCase();
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return one;
    return Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
