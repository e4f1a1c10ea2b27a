/** Parts of a calendar date that a text gives; `month` is 1 … 12. */
export interface DateParts {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
}

export interface FoundDate {
  /** More than one reading where day and month can be confused (`03/04/2024`). */
  readonly readings: readonly DateParts[];
  readonly start: number;
  readonly end: number;
}

const MONTHS =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
const YEAR = '(\\d{4})';

/** Each pattern is tried over the whole text; quantifiers are bounded, so the scan is linear. */
const PATTERNS: readonly { readonly pattern: RegExp; readonly parts: string }[] = [
  { pattern: /(?<![\d.-])(\d{4})-(\d{2})-(\d{2})(?!\d)/g, parts: 'ymd' },
  { pattern: /(?<![\d.-])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)/g, parts: 'dmy' },
  { pattern: /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/g, parts: 'dmy or mdy' },
  { pattern: new RegExp(`\\b${DAY} (?:of )?${MONTH},? ${YEAR}\\b`, 'gi'), parts: 'dMy' },
  { pattern: new RegExp(`\\b${MONTH} ${DAY},? ${YEAR}\\b`, 'gi'), parts: 'Mdy' },
  { pattern: new RegExp(`\\b${DAY} (?:of )?${MONTH}(?!\\w)`, 'gi'), parts: 'dM' },
  { pattern: new RegExp(`\\b${MONTH},? ${YEAR}\\b`, 'gi'), parts: 'My' },
  { pattern: new RegExp(`\\b${MONTH} ${DAY}(?![\\d,.:]*\\d)\\b`, 'gi'), parts: 'Md' },
];

/** Dates of a text in order, none overlapping; the fuller reading wins. */
export function findDates(text: string): readonly FoundDate[] {
  const found: FoundDate[] = [];
  for (const { pattern, parts } of PATTERNS)
    for (const match of text.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      if (found.some((one) => start < one.end && one.start < end)) continue;
      const readings = parts
        .split(' or ')
        .map((order) => readParts(order, match.slice(1)))
        .filter(isPossible);
      if (readings.length > 0) found.push({ readings, start, end });
    }
  return found.sort((a, b) => a.start - b.start);
}

function readParts(order: string, groups: readonly (string | undefined)[]): DateParts {
  const parts: { year?: number; month?: number; day?: number } = {};
  for (const [index, kind] of [...order].entries()) {
    const text = groups[index] ?? '';
    if (kind === 'y') parts.year = Number(text);
    if (kind === 'd') parts.day = Number(text);
    if (kind === 'm') parts.month = Number(text);
    if (kind === 'M')
      parts.month = MONTHS.findIndex((name) => name.startsWith(text.slice(0, 3).toLowerCase())) + 1;
  }
  return parts;
}

function isPossible(date: DateParts): boolean {
  const { month = 1, day = 1 } = date;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** True when every part that both dates give is equal and the claim gives none that is missing. */
export function coversDate(source: DateParts, claim: DateParts): boolean {
  return (['year', 'month', 'day'] as const).every(
    (part) => claim[part] === undefined || claim[part] === source[part],
  );
}
