import { TextSource } from './text-source.ts';

/** A value of a JSON answer with the name of its field. */
export interface Value {
  readonly field: string;
  readonly value: string | number;
}

interface Given {
  readonly order: string;
  readonly text: string;
}

/**
 * Is the value of another kind than its field asks for, said of two fields, or not where the text has
 * the field's label? Field names and the order's words for them are read in English.
 */
export function isDoubtful(one: Value, all: readonly Value[], given: Given): boolean {
  const text = String(one.value);
  if (all.some((other) => other.field !== one.field && String(other.value) === text)) return true;
  const phrase = phraseOf(one.field, given.order);
  return (
    !fitsField(phrase, text) ||
    isElsewhere(phrase, one, given.text) ||
    holdsLabel(text, given.order)
  );
}

/** The field's name with the words that the order has for it: `total` → `total with tax`. */
function phraseOf(field: string, order: string): string {
  const name = field
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase();
  const part = order
    .toLowerCase()
    .split(/[,;:.()\n]|\band\b|\bor\b/)
    .find((one) => new RegExp(`(?<!\\p{L})${escaped(name)}(?!\\p{L})`, 'u').test(one));
  const words = part?.trim().split(/\s+/) ?? [];
  // A longer stretch is a sentence and no name of a field.
  return words.length > 0 && words.length <= 5 ? `${name} ${words.join(' ')}` : name;
}

const DATE = /\b(?:date|due|day|birthday|deadline|born)\b/;
const MAIL = /\be-?mail\b/;
const LINK = /\b(?:url|link|website|homepage)\b/;
const DIGITS =
  /\b(?:phone|telephone|extension|zip|postal|amount|total|price|quantity|age|year|number|id|code|order|invoice|serial|reference)\b/;
const PERSON =
  /\b(?:customer|client name|person|reporter|author|contact|employee|patient|guest|sender|recipient|full name|first name|last name|surname|city|country)\b/;
const ADDRESS = /\baddress\b/;

function fitsField(phrase: string, text: string): boolean {
  if (DATE.test(phrase)) return /\p{N}/u.test(text) && !/^\d+[.,]\d{1,2}$/.test(text.trim());
  if (MAIL.test(phrase)) return text.includes('@');
  if (LINK.test(phrase)) return /[./]/.test(text);
  if (ADDRESS.test(phrase)) return /[.@:/,]|\p{L}{3}/u.test(text);
  if (PERSON.test(phrase)) return looksLikeName(text);
  return !DIGITS.test(phrase) || /\p{N}/u.test(text);
}

/** Capitalised, four words at most; scripts without capitals are left alone. */
function looksLikeName(text: string): boolean {
  if (!/^[\p{Script=Latin}\s.,'’-]+$/u.test(text)) return !/\d/.test(text);
  const words = text.trim().split(/\s+/);
  return words.length <= 5 && /\p{Lu}/u.test(words.at(-1)?.[0] ?? '');
}

/** Characters behind a label within which its value begins. */
const LABEL_REACH = 12;
const STOP = new Set([
  'with',
  'the',
  'a',
  'an',
  'of',
  'in',
  'from',
  'for',
  'to',
  'by',
  'as',
  'its',
  'his',
  'her',
  'extract',
  'get',
  'find',
]);

/** A word for the field stands in the text as a label (`status=503`, `Total 12.50`), and something else behind it. */
function isElsewhere(phrase: string, { value }: Value, text: string): boolean {
  const labels = [...new Set(phrase.split(' '))].filter(
    (word) => word.length > 2 && !STOP.has(word),
  );
  const reach = LABEL_REACH + String(value).length;
  let found = false;
  for (const label of labels) {
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escaped(label)}(?=[\\s:=#|])`, 'giu');
    for (const { index } of text.matchAll(pattern)) {
      found = true;
      const start = index + label.length;
      // Cut at a space, so that no half of a longer number is taken for the value.
      const behind = /^[\s\S]*(?=\s)/.exec(`${text.slice(start, start + reach)} `)?.[0] ?? '';
      if (new TextSource(behind).has(value)) return false;
    }
  }
  return found;
}

/** `Invoice no. 2024/7`: the value has a word of the order before it. */
function holdsLabel(text: string, order: string): boolean {
  const [, first = ''] = /^(\p{L}{3,})[\s.:#]+\S/u.exec(text) ?? [];
  if (first === '' || !/\d/.test(text)) return false;
  return new RegExp(`(?<!\\p{L})${first}(?!\\p{L})`, 'iu').test(order);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
