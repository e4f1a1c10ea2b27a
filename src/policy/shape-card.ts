import { type CharacterSource, isDigit, isWord, type Span } from './characters.ts';
import { type DigitGroup, findInGroups, lengthOf } from './digit-groups.ts';

const LENGTH_MIN = 12;
const LENGTH_MAX = 19;
const MAESTRO = [12, 13, 14, 15, 16, 17, 18, 19];
/** Issuer ranges by leading digits and the lengths they use (ISO/IEC 7812, public ranges). */
const ISSUERS: readonly (readonly [low: number, high: number, lengths: readonly number[]])[] = [
  [4, 4, [13, 16, 19]],
  [51, 55, [16]],
  [2221, 2720, [16]],
  [34, 34, [15]],
  [37, 37, [15]],
  [300, 305, [14, 16, 19]],
  [36, 36, [14, 16, 19]],
  [38, 39, [14, 16, 19]],
  [6011, 6011, [16, 19]],
  [644, 659, [16, 19]],
  [3500, 3599, [16, 19]],
  [1800, 1800, [15]],
  [2131, 2131, [15]],
  [62, 62, [16, 17, 18, 19]],
  [81, 81, [16]],
  [2200, 2204, [16, 19]],
  [606, 607, [16]],
  [50, 50, MAESTRO],
  [56, 58, MAESTRO],
  [6304, 6304, MAESTRO],
  [6759, 6763, MAESTRO],
];

/**
 * The next payment card number from `from` on: printed as one group, in fours, or as 4-6-5 or 4-6-4;
 * of a known issuer; its last digit right by Luhn (ISO/IEC 7812-1, annex B).
 */
export function findCard(text: CharacterSource, from: number): Span | undefined {
  return findInGroups(text, from, (groups, index) => cardAt(text, groups, index));
}

function cardAt(
  text: CharacterSource,
  groups: readonly DigitGroup[],
  index: number,
): Span | undefined {
  const first = groups[index];
  // `2.5358983848622456` is a fraction.
  if (first === undefined || first.separator === '.' || isWord(text.charCodeAt(first.start - 1)))
    return undefined;
  const ends = printedEnds(groups, index);
  for (const end of ends) {
    const last = groups[end];
    if (last === undefined || isWord(text.charCodeAt(last.end))) continue;
    const digits = digitsOf(text, first.start, last.end);
    if (isCard(digits)) return { start: first.start, end: last.end };
  }
  return undefined;
}

/** The groups at which a number printed in one of the usual ways may end. */
function printedEnds(groups: readonly DigitGroup[], index: number): readonly number[] {
  const length = lengthOf(groups[index]);
  if (length !== 4) return length >= LENGTH_MIN && length <= LENGTH_MAX ? [index] : [];
  const separator = groups[index + 1]?.separator;
  if (separator !== ' ' && separator !== '-') return [];
  if (lengthOf(groups[index + 1]) === 6)
    return groups[index + 2]?.separator === separator ? [index + 2] : [];
  const ends: number[] = [];
  let count = 4;
  for (let next = index + 1; groups[next]?.separator === separator; next += 1) {
    const more = lengthOf(groups[next]);
    count += more;
    if (more > 4 || count > LENGTH_MAX) break;
    if (count >= LENGTH_MIN) ends.push(next);
    if (more < 4) break;
  }
  return ends;
}

function digitsOf(text: CharacterSource, start: number, end: number): readonly number[] {
  const digits: number[] = [];
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) digits.push(code - 48);
  }
  return digits;
}

function isCard(digits: readonly number[]): boolean {
  if (digits.length < LENGTH_MIN || digits.length > LENGTH_MAX) return false;
  // The number that the first one to four digits make.
  const leads: number[] = [];
  for (let count = 0; count < 4; count += 1)
    leads.push((leads[count - 1] ?? 0) * 10 + (digits[count] ?? 0));
  const known = ISSUERS.some(([low, high, lengths]) => {
    const lead = leads[low < 10 ? 0 : low < 100 ? 1 : low < 1000 ? 2 : 3] ?? 0;
    return lead >= low && lead <= high && lengths.includes(digits.length);
  });
  return known && isLuhn(digits);
}

/** Every second digit from the right counts double, minus nine beyond nine; the sum ends in 0. */
function isLuhn(digits: readonly number[]): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits[digits.length - 1 - place] ?? 0;
    const counted = place % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}
