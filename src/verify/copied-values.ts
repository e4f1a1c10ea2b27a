import { allAre } from '../base/counted.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { coversDate, findDates } from './dates.ts';
import { jsonAnswer } from './plain-answer.ts';
import { quantitiesOf } from './quantities.ts';

/** Values of an answer that are compared at most. */
const MOST_VALUES = 200;

interface Value {
  readonly field: string;
  readonly value: string | number;
}

export interface CopiedValues {
  readonly check: CheckResult;
  /** Share of the fields that are empty or null, 0 … 1. */
  readonly empty: number;
  /** Share of the values that stand in a second field too, or are of another kind than their field's name says. */
  readonly doubtful: number;
}

/**
 * Does every value of an extraction occur in the text that it was taken from? Compared without case,
 * space and punctuation at the ends; numbers by value, dates in any notation. Undefined where the
 * answer is no JSON with values.
 */
export function checkCopied(answer: string, text: string, order = ''): CopiedValues | undefined {
  const json = jsonAnswer(answer);
  if (typeof json !== 'object' || json === null) return undefined;
  const values: Value[] = [];
  const emptyFields = collect(json, '', values);
  const all = values.length + emptyFields;
  if (all === 0) return undefined;
  const source = new Source(text);
  const missing = values.filter((one) => !source.has(one.value));
  const share = values.length === 0 ? 0.5 : 1 - missing.length / values.length;
  const [first] = missing;
  const check =
    first === undefined
      ? passed('copied', share, `${allAre(values.length, 'value')} in the text`)
      : failed(
          'copied',
          Math.min(0.5, share),
          `${missing.length} of ${values.length} values are not in the text: ${quoted(String(first.value))}`,
        );
  const isOdd = (one: Value) =>
    isDoubtful(one, values) || isElsewhere(one, text) || holdsLabel(one, order);
  const doubtful = values.filter(isOdd).length;
  return { check, empty: emptyFields / all, doubtful: doubtful / Math.max(1, values.length) };
}

/** Adds what strings and numbers are in the value; returns how many fields are empty. */
function collect(json: unknown, field: string, into: Value[]): number {
  if (into.length >= MOST_VALUES) return 0;
  if (json === null || (typeof json === 'string' && json.trim() === '')) return 1;
  if (typeof json === 'string' || typeof json === 'number') into.push({ field, value: json });
  if (typeof json !== 'object') return 0;
  if (Array.isArray(json)) return json.reduce((sum, one) => sum + collect(one, field, into), 0);
  return Object.entries(json).reduce((sum, [name, one]) => sum + collect(one, name, into), 0);
}

class Source {
  readonly #text: string;
  readonly #plain: string;
  #numbers: ReadonlySet<number> | undefined;
  #dates: ReturnType<typeof findDates> | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#plain = ` ${plain(text)} `;
  }

  has(value: string | number): boolean {
    if (typeof value === 'number') return this.#hasNumber(value);
    const wanted = plain(value);
    if (wanted === '') return true;
    // Scripts without spaces have no word boundaries.
    const isBounded = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]/u.test(wanted);
    if (this.#plain.includes(isBounded ? ` ${wanted} ` : wanted)) return true;
    const number = Number(value.replaceAll(/[\s,'$€£¥%]/g, ''));
    if (value.trim() !== '' && Number.isFinite(number)) return this.#hasNumber(number);
    return this.#hasDate(value);
  }

  #hasNumber(value: number): boolean {
    this.#numbers ??= new Set([
      ...quantitiesOf(this.#text).flatMap((one) => (one.kind === 'number' ? [one.value] : [])),
      ...[...this.#text.matchAll(/\d[\d,' ]*(?:\.\d+)?/g)].map(([digits]) =>
        Number(digits.replaceAll(/[,' ]/g, '')),
      ),
      ...[...this.#text.matchAll(/\d+/g)].map(([digits]) => Number(digits)),
    ]);
    return this.#numbers.has(value) || this.#numbers.has(Math.abs(value));
  }

  #hasDate(value: string): boolean {
    const [claimed] = findDates(value);
    if (claimed === undefined) return false;
    this.#dates ??= findDates(this.#text);
    return this.#dates.some((one) =>
      one.readings.some((source) => claimed.readings.some((date) => coversDate(source, date))),
    );
  }
}

/** Lower-case words with one space between them; marks inside a word stay, others are spaces. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(?<![\p{L}\p{N}])[^\p{L}\p{N}]+|[^\p{L}\p{N}]+(?![\p{L}\p{N}])/gu, ' ')
    .replaceAll(/[\s[\]()=|;"“”]+/g, ' ')
    .trim();
}

const DATE_FIELD = /(?:^|[_\s])(?:date|due|day|birthday|deadline|born)(?:$|[_\s])|datum|fecha/i;
const MAIL_FIELD = /e-?mail/i;
const LINK_FIELD = /(?:^|[_\s])(?:url|link|website|homepage)(?:$|[_\s])/i;
const DIGIT_FIELD = /phone|telephone|extension|zip|postal|amount|total|price|quantity|age|year/i;

/** A value that another field has too, or of which its field's name says another kind. */
function isDoubtful({ field, value }: Value, all: readonly Value[]): boolean {
  const text = String(value);
  if (all.some((one) => one.field !== field && String(one.value) === text)) return true;
  const name = field.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  if (DATE_FIELD.test(name)) return !/\d/.test(text) || isPlainNumber(text);
  if (MAIL_FIELD.test(name)) return !text.includes('@');
  if (LINK_FIELD.test(name)) return !/[./]/.test(text);
  return DIGIT_FIELD.test(name) && !/\d/.test(text.normalize('NFKC')) && !/\p{N}/u.test(text);
}

/** `1644.58` is no date; `2024` and `5` may be one. */
function isPlainNumber(text: string): boolean {
  return /^\d+[.,]\d{1,2}$/.test(text.trim());
}

/** Characters behind a label within which its value begins. */
const LABEL_REACH = 12;

/** The field's name stands in the text as a label (`status=503`, `Total 12.50`), and something else behind it. */
function isElsewhere({ field, value }: Value, text: string): boolean {
  if (!/^\p{L}{3,}$/u.test(field)) return false;
  const labels = [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${field}(?=[\\s:=#|])`, 'giu'))];
  if (labels.length === 0) return false;
  const reach = LABEL_REACH + String(value).length;
  return !labels.some(({ index }) => {
    const start = index + field.length;
    // Cut at a space, so that no half of a longer number is taken for the value.
    const behind = /^[\s\S]*(?=\s)/.exec(`${text.slice(start, start + reach)} `)?.[0] ?? '';
    return new Source(behind).has(value);
  });
}

/** `Invoice no. 2024/7`: the value has a word of the order before it. */
function holdsLabel({ value }: Value, order: string): boolean {
  const [, first = ''] = /^(\p{L}{3,})[\s.:#]+\S/u.exec(String(value)) ?? [];
  if (first === '' || !/\d/.test(String(value))) return false;
  return new RegExp(`(?<!\\p{L})${first}(?!\\p{L})`, 'iu').test(order);
}
