import { STOP_WORDS } from '../base/stop-words.ts';
import { type DateParts, findDates } from './dates.ts';
import { magnitudeOf, readNumberWords } from './number-words.ts';
import { type Unit, unitOf } from './units.ts';

/** A number, a time of day or a date as a text states it. */
export type Quantity =
  | {
      readonly kind: 'number';
      readonly text: string;
      readonly value: number;
      readonly unit?: Unit;
      /** Decimals shown, for comparing rounded numbers; magnitudes count (`1.2 million` → −5). */
      readonly decimals: number;
      /** A word before it says that it is not exact (`about`, `more than`). */
      readonly hedged: boolean;
      /** Without a unit: what is counted, the next two words at most (`40 beds`), in lower case. */
      readonly nouns: readonly string[];
      /** The word before, in lower case (`ward three`); empty where there is none. */
      readonly label: string;
    }
  | { readonly kind: 'clock'; readonly text: string; readonly minutes: number }
  | { readonly kind: 'date'; readonly text: string; readonly readings: readonly DateParts[] };

const CLOCK = /(?<![\d:.])(\d{1,2})(?::(\d{2}))?(?:\s?([ap])\.?m\b\.?|(?<=:\d{2})(?!\d|:))/gi;
const NUMBER = /(?<![\p{L}\p{N}_.])(\d{1,3}(?:[,'\u00a0\u202f\u2009]\d{3})+|\d+)(\.\d+)?/gu;
const HEDGE =
  /\b(?:about|approximately|around|nearly|over|almost|roughly|circa|some|more than|less than|at least|up to|under)\s+[$€£¥]?$/i;
const WORD = /[a-z]+(?:-[a-z]+)*/gi;
/** `first` and `second` order a text more often than they count things. */
const ORDINALS = new Map(
  'third fourth fifth sixth seventh eighth ninth tenth'
    .split(' ')
    .map((word, at) => [word, at + 3]),
);
const LONGEST_TEXT = 200_000;

/**
 * All quantities of a text. Digits inside identifiers (`HV-SK-17`, `GPT-4`) are names, not
 * quantities. Numbers of every script are read after NFKC.
 */
export function quantitiesOf(source: string): readonly Quantity[] {
  const text = source.slice(0, LONGEST_TEXT).normalize('NFKC').replace(/[−–—]/g, '-');
  const found: Quantity[] = [];
  const dates = findDates(text);
  for (const { start, end, readings } of dates)
    found.push({ kind: 'date', text: text.slice(start, end), readings });
  const undated = blanked(text, dates);
  const clocks: Span[] = [];
  for (const match of undated.matchAll(CLOCK)) {
    const minutes = minutesOf(match[1], match[2], match[3]);
    if (minutes === undefined) continue;
    found.push({ kind: 'clock', text: match[0].trim(), minutes });
    clocks.push({ start: match.index, end: match.index + match[0].length });
  }
  const rest = blanked(undated, clocks);
  readDigits(rest, found);
  readWords(rest, found);
  return found;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text with spaces in place of the spans, which are in order. */
function blanked(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let last = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(last, start), ' '.repeat(end - start));
    last = end;
  }
  parts.push(text.slice(last));
  return parts.join('');
}

function minutesOf(
  hour = '',
  minute: string | undefined,
  half: string | undefined,
): number | undefined {
  let hours = Number(hour);
  const minutes = Number(minute ?? 0);
  if (hours > 24 || minutes > 59) return undefined;
  if (half?.toLowerCase() === 'p' && hours < 12) hours += 12;
  if (half?.toLowerCase() === 'a' && hours === 12) hours = 0;
  return hours * 60 + minutes;
}

function readDigits(text: string, found: Quantity[]): void {
  for (const match of text.matchAll(NUMBER)) {
    const end = match.index + match[0].length;
    const before = text.slice(Math.max(0, match.index - 24), match.index);
    if (/[\p{L}\d][-_/]$/u.test(before) && !/\d[-/]$/.test(before)) continue;
    const after = text.slice(end, end + 24);
    if (/^-?\p{L}/u.test(after) && !isAttachedUnit(after)) continue;
    if (/^\.\d/.test(after)) continue;
    found.push(readNumber(match[1] ?? '', match[2] ?? '', before, after));
  }
}

/** `50mg`, `3rd`, `5k`, `27-day`: letters after the digits that do not make it an identifier. */
function isAttachedUnit(after: string): boolean {
  const word = /^-?([\p{L}°%]+)/u.exec(after)?.[1] ?? '';
  return (
    unitOf(word) !== undefined ||
    /^(?:st|nd|rd|th|k|M|bn|x|s)$/.test(word) ||
    magnitudeOf(word) !== undefined ||
    /^-\p{Ll}{2,}/u.test(after)
  );
}

function readNumber(digits: string, fraction: string, before: string, after: string): Quantity {
  const whole = digits.replace(/[,'\u00a0\u202f\u2009]/g, '');
  const currency = unitOf(/[$€£¥]\s?$/.exec(before)?.[0].trim() ?? '');
  const scale = scaleAfter(after, currency !== undefined);
  const value = Number(`${whole}${fraction}`) * scale.factor;
  const unitWord = /^[\s-]?(%|[\p{L}°µ]+)/u.exec(after.slice(scale.length))?.[1] ?? '';
  const unit = currency ?? unitOf(unitWord);
  const sign = /(?:^|\s)-$/.test(before) && /^\d/.test(digits) ? -1 : 1;
  return {
    kind: 'number',
    text: `${digits}${fraction}${after.slice(0, scale.length)}${unit && !currency ? ` ${unitWord}` : ''}`.trim(),
    value: value * (before.trim() === '-' && before.length > 1 ? 1 : sign),
    ...(unit ? { unit } : {}),
    decimals: Math.max(0, fraction.length - 1) - Math.round(Math.log10(scale.factor)),
    hedged: HEDGE.test(before) || /~\s?$/.test(before),
    nouns: unit ? [] : nounsAfter(after.slice(scale.length)),
    label: labelBefore(before),
  };
}

function nounsAfter(after: string): readonly string[] {
  const found: string[] = [];
  for (const match of after.matchAll(/[\s-]?(\p{L}+)/guy)) {
    const word = (match[1] ?? '').toLowerCase();
    if (STOP_WORDS.has(word) || word.length < 2 || found.length === 2) break;
    found.push(word);
  }
  return found;
}

function labelBefore(before: string): string {
  return /(\p{L}+)\s?$/u.exec(before)?.[1]?.toLowerCase() ?? '';
}

function scaleAfter(after: string, isMoney: boolean): { factor: number; length: number } {
  const word = /^\s?(hundred|thousand|million|billion|trillion|bn|k|m|M)\b/.exec(after);
  const name = word?.[1] ?? '';
  if (name === 'm' && !isMoney) return { factor: 1, length: 0 };
  const short: Readonly<Record<string, number>> = { k: 1000, m: 1e6, M: 1e6 };
  const factor = short[name] ?? magnitudeOf(name);
  return factor === undefined
    ? { factor: 1, length: 0 }
    : { factor, length: word?.[0].length ?? 0 };
}

function readWords(text: string, found: Quantity[]): void {
  const matches = [...text.matchAll(WORD)];
  for (let index = 0; index < matches.length; index += 1) {
    const ordinal = ORDINALS.get(matches[index]?.[0].toLowerCase() ?? '');
    const run = matches.slice(index, index + 8).map((match) => match[0]);
    const read = ordinal === undefined ? readNumberWords(run) : { value: ordinal, count: 1 };
    if (!read) continue;
    const last = matches[index + read.count - 1];
    const start = matches[index]?.index ?? 0;
    const end = (last?.index ?? 0) + (last?.[0].length ?? 0);
    const unitWord = /^\s([a-z]+)/i.exec(text.slice(end, end + 24))?.[1] ?? '';
    const unit = unitOf(unitWord);
    const before = text.slice(Math.max(0, start - 24), start);
    found.push({
      kind: 'number',
      text: `${text.slice(start, end)}${unit ? ` ${unitWord}` : ''}`,
      value: read.value,
      ...(unit ? { unit } : {}),
      decimals: 0,
      hedged: HEDGE.test(before),
      nouns: unit ? [] : nounsAfter(text.slice(end, end + 24)),
      label: labelBefore(before),
    });
    index += read.count - 1;
  }
}
