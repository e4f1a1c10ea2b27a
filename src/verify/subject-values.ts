import { indexTerms } from '../base/tokens.ts';
import type { Quantity } from './quantities.ts';

/** Words that say when something happens: a date behind them is what the sentence tells. */
const TELLING =
  /\b(?:until|till|by|since|starts?|started|begins?|began|ends?|ended|expires?|expired|due|founded|built|opens?|opened|closes?|closed|born|died|established|launch(?:es|ed)?|valid|is|was|on)\b/i;

const YEAR = /^(?:19|20)\d\d$/;
const BEFORE_YEAR = /^$|\b(?:in|of|for|since|until|by|from|year|during)$/i;

/**
 * Does the value tell of which thing a text speaks rather than what it says of it? A date that the
 * text opens with or that follows no word that tells a time (`In 2024 the farm …`, `the budget for
 * 2024`), and a number without unit behind a capital or at the end of what it names (`Doc 12`,
 * `room 12.`). Where it cannot be told, the value counts as subject.
 */
export function isSubject(value: Quantity, text: string): boolean {
  const at = text.indexOf(value.text);
  if (at < 0) return false;
  const before = text.slice(0, at).trimEnd();
  if (value.kind === 'date' || (YEAR.test(value.text) && BEFORE_YEAR.test(before)))
    return indexTerms(before).length === 0 || !TELLING.test(before);
  if (value.kind === 'clock' || value.unit !== undefined || !/^\d+$/.test(value.text)) return false;
  const word = /\p{L}+$/u.exec(before)?.[0] ?? '';
  if (indexTerms(word).length === 0) return false;
  const next = /^[\s–-]*(\p{L}+)/u.exec(text.slice(at + value.text.length))?.[1] ?? '';
  return /^\p{Lu}/u.test(word) || indexTerms(next).length === 0;
}
