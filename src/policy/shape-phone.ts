import {
  type CharacterSource,
  isBlank,
  isDigit,
  isWord,
  type Span,
  sliceOf,
} from './characters.ts';
import { type DigitGroup, findInGroups, lengthOf } from './digit-groups.ts';
import { foldWords, indexOfWord } from './words.ts';

const OPEN = 40;
const CLOSE = 41;
const PLUS = 43;
const COMMA = 44;
const ZERO = 48;
/** ITU-T E.164 §6: at most 15 digits with the country code; fewer than 8 are no number abroad. */
const INTERNATIONAL = { least: 8, most: 15 };
/** National numbers with their 0; shorter ones cannot be told from dates and amounts. */
const NATIONAL = { least: 9, most: 12 };
/** In one piece, or with the area code in brackets. */
const NATIONAL_WHOLE = 10;
const NATIONAL_BRACKETS = 7;
const GROUPS_MAX = 8;
/** Digits of a local number with words before it, and how far before it they may stand. */
const ANNOUNCED_LEAST = 7;
const ANNOUNCEMENT_MAX = 32;
const LETTER = /\p{L}/u;
/** English, German, French, Spanish, Italian, Dutch, Polish. */
const ANNOUNCEMENTS = [
  ...['phone', 'mobile', 'call', 'text me', 'fax', 'whatsapp', 'tel', 'telephone'],
  ...[
    'telefon',
    'handy',
    'mobil',
    'telefonnummer',
    'rufnummer',
    'anrufen',
    'téléphone',
    'teléfono',
  ],
  ...['móvil', 'telefono', 'cellulare', 'telefoon', 'komórka'],
];

/**
 * The next telephone number from `from` on: international (`+49 30 123456`, `0049…`), national with a
 * leading 0 (`030 123456`, `(0161) 496 0000`), North American (`212-555-0123`, `(212) 555-0123`), or
 * any digits that words before them call a number (`phone: 467 3395`).
 */
export function findPhone(text: CharacterSource, from: number): Span | undefined {
  return findInGroups(text, from, (groups, index) => phoneAt(text, groups, index));
}

function phoneAt(
  text: CharacterSource,
  groups: readonly DigitGroup[],
  index: number,
): Span | undefined {
  const first = groups[index];
  if (first === undefined) return undefined;
  const before = text.charCodeAt(first.start - 1);
  const opened = before === OPEN;
  // After a dot, dash or slash the group is the middle of something longer: a date, an amount, an id.
  const fresh = first.separator === undefined || isBlank(before) || opened;
  if (!fresh || isWord(before)) return undefined;
  const plus = hasPlus(text, opened ? first.start - 1 : first.start);
  if (!plus && text.charCodeAt(first.start) !== ZERO)
    return northAmerican(text, groups, index) ?? announced(text, groups, index);
  let count = 0;
  for (let next = index; next < Math.min(groups.length, index + GROUPS_MAX); next += 1) {
    const group = groups[next];
    count += lengthOf(group);
    if (group === undefined || count > INTERNATIONAL.most + 2) return undefined;
    if (count < NATIONAL_BRACKETS || !endsAt(text, groups, next)) continue;
    const parts = groups.slice(index, next + 1);
    if (plus ? isAbroad(text, first, count) : isZeroed(text, parts, count, opened))
      return { start: first.start, end: group.end };
  }
  return undefined;
}

/** `+49`, but not the sum `5+49`. */
function hasPlus(text: CharacterSource, start: number): boolean {
  const before = text.charCodeAt(start - 2);
  return text.charCodeAt(start - 1) === PLUS && !isWord(before) && before !== CLOSE;
}

/** A number may end where a blank parts it from what follows, and has to where nothing close follows. */
function endsAt(text: CharacterSource, groups: readonly DigitGroup[], index: number): boolean {
  const next = groups[index + 1];
  if (next !== undefined) return next.separator === ' ' || next.separator === 'pair';
  const end = groups[index]?.end ?? text.length;
  const after = text.charCodeAt(end);
  return !isWord(after) && !(after === COMMA && isDigit(text.charCodeAt(end + 1)));
}

/** After a plus: a country code, which never begins with 0. */
function isAbroad(text: CharacterSource, first: DigitGroup, count: number): boolean {
  const { least, most } = INTERNATIONAL;
  return text.charCodeAt(first.start) !== ZERO && count >= least && count <= most;
}

/** A number that begins with 0: national, or `00` and a country code. */
function isZeroed(
  text: CharacterSource,
  groups: readonly DigitGroup[],
  count: number,
  opened: boolean,
): boolean {
  if (isDecimal(groups) || isDate(groups)) return false;
  const [first] = groups;
  const firstLength = lengthOf(first);
  if (first === undefined || firstLength < 2) return false;
  if (text.charCodeAt(first.start + 1) === ZERO) {
    const country = text.charCodeAt(first.start + 2);
    const abroad = count - 2;
    return (
      firstLength > 2 &&
      country !== ZERO &&
      abroad > INTERNATIONAL.least &&
      abroad <= INTERNATIONAL.most
    );
  }
  const least = groups.length === 1 ? NATIONAL_WHOLE : opened ? NATIONAL_BRACKETS : NATIONAL.least;
  return count >= least && count <= NATIONAL.most && groups.every((group) => lengthOf(group) >= 2);
}

/** `00.1234567` and `0.123` are amounts. */
function isDecimal(groups: readonly DigitGroup[]): boolean {
  return groups.length === 2 && groups[1]?.separator === '.';
}

/** `01.02.2024 10` and `01/02/24 1030`: a day, and perhaps the hour after it. */
function isDate(groups: readonly DigitGroup[]): boolean {
  const [day, month, year, time] = groups;
  if (lengthOf(day) !== 2 || lengthOf(month) !== 2) return false;
  const mark = month?.separator;
  if (mark !== year?.separator || (mark !== '.' && mark !== '/' && mark !== '-')) return false;
  return lengthOf(year) === 4 || (lengthOf(year) === 2 && time?.separator !== mark);
}

/** `phone: 467 3395`: a number that says nothing by itself, but whose words before it do. */
function announced(
  text: CharacterSource,
  groups: readonly DigitGroup[],
  index: number,
): Span | undefined {
  const first = groups[index];
  if (first === undefined || lengthOf(first) < 2 || isIsoDate(groups, index)) return undefined;
  let count = 0;
  let end: number | undefined;
  for (let next = index; next < Math.min(groups.length, index + GROUPS_MAX); next += 1) {
    count += lengthOf(groups[next]);
    if (count > INTERNATIONAL.most) break;
    if (count >= ANNOUNCED_LEAST && endsAt(text, groups, next)) end = groups[next]?.end;
  }
  if (end === undefined || !isAnnounced(text, first.start)) return undefined;
  return { start: first.start, end };
}

function isAnnounced(text: CharacterSource, start: number): boolean {
  const before = foldWords(sliceOf(text, Math.max(0, start - ANNOUNCEMENT_MAX), start));
  if (!LETTER.test(before)) return false;
  return ANNOUNCEMENTS.some((word) => indexOfWord(before, word) !== -1);
}

function isIsoDate(groups: readonly DigitGroup[], index: number): boolean {
  const [year, month, day] = groups.slice(index, index + 3);
  return lengthOf(year) === 4 && lengthOf(month) === 2 && lengthOf(day) === 2;
}

/** North American Numbering Plan: NXX NXX XXXX, N from 2 to 9, perhaps with a leading 1. */
function northAmerican(
  text: CharacterSource,
  groups: readonly DigitGroup[],
  index: number,
): Span | undefined {
  const first = groups[index];
  const withCode = lengthOf(first) === 1;
  if (!withCode && lengthOf(first) !== 3) return undefined;
  const start = withCode ? index + 1 : index;
  const [area, exchange, line] = groups.slice(start, start + 3);
  if (first === undefined || area === undefined || exchange === undefined || line === undefined)
    return undefined;
  if (lengthOf(area) !== 3 || lengthOf(exchange) !== 3 || lengthOf(line) !== 4) return undefined;
  if (exchange.separator === '/' || line.separator === '/') return undefined;
  if (withCode && text.charCodeAt(first.start) !== ZERO + 1) return undefined;
  const isN = (group: DigitGroup) => text.charCodeAt(group.start) >= ZERO + 2;
  if (!isN(area) || !isN(exchange) || !endsAt(text, groups, start + 2)) return undefined;
  return { start: first.start, end: line.end };
}
