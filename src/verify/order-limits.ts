import { splitSentences } from '../base/sentences.ts';
import { words } from '../base/tokens.ts';
import { jsonAnswer, linesOf, plainAnswer } from './plain-answer.ts';

/** One demand of an order that can be checked by looking at the answer. */
export interface Demand {
  /** What is demanded, without a word of the request. */
  readonly name: string;
  readonly holds: boolean;
}

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  single: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  fifty: 50,
};
const COUNT = String.raw`(\d{1,5}|${Object.keys(NUMBER_WORDS).join('|')})`;
const UNIT =
  '(words?|sentences?|bullet points?|bullets?|lines?|items?|paragraphs?|characters?|letters)';
const MOST = new RegExp(
  String.raw`\b(?:at most|no more than|not more than|up to|maximum of|max(?:imum)?\.?|fewer than|less than|under|within) ${COUNT} ${UNIT}\b`,
  'g',
);
const LEAST = new RegExp(
  String.raw`\b(?:at least|no fewer than|no less than|minimum of) ${COUNT} ${UNIT}\b`,
  'g',
);
const EXACT = new RegExp(
  String.raw`\b(?:exactly|precisely|(?:answer|reply|respond|summari[sz]e|describe|explain|write|say)\b.{0,40}? (?:in|with|using)) ${COUNT} ${UNIT}\b(?! or (?:less|fewer|more))`,
  'g',
);
const OR_LESS = new RegExp(String.raw`\b${COUNT} ${UNIT} or (?:less|fewer)\b`, 'g');

/** Scripts that write no spaces between words: their words cannot be counted by spaces. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Limits of length that an order names: words, sentences, bullets, lines, paragraphs, characters. */
export function lengthDemands(order: string, answer: string): Demand[] {
  const text = plainAnswer(answer);
  const limits: readonly (readonly [RegExp, string, (count: number, wanted: number) => boolean])[] =
    [
      [MOST, 'at most', (count, wanted) => count <= wanted],
      [OR_LESS, 'at most', (count, wanted) => count <= wanted],
      [LEAST, 'at least', (count, wanted) => count >= wanted],
      [EXACT, 'exactly', (count, wanted) => count === wanted],
    ];
  const lower = order.toLowerCase();
  return limits.flatMap(([pattern, name, holds]) =>
    [...lower.matchAll(pattern)].flatMap(([, number = '', unit = '']) => {
      const wanted = NUMBER_WORDS[number] ?? Number(number);
      const count = countOf(unit, text);
      if (count === undefined || !(wanted > 0)) return [];
      return [{ name: `${name} ${wanted} ${unit}`, holds: holds(count, wanted) }];
    }),
  );
}

/** Undefined where it cannot be counted for certain. */
function countOf(unit: string, text: string): number | undefined {
  if (unit.startsWith('word')) return UNSPACED.test(text) ? undefined : words(text).length;
  if (unit.startsWith('sentence')) return splitSentences(text).length;
  if (unit.startsWith('bullet'))
    return linesOf(text).filter((line) => /^(?:[-*•–]|\d+[.)])\s/.test(line)).length;
  if (unit.startsWith('line') || unit.startsWith('item')) {
    const lines = linesOf(text);
    // A list in one line has its items between commas.
    return unit.startsWith('item') && lines.length === 1 ? text.split(/[,;]/).length : lines.length;
  }
  if (unit.startsWith('paragraph'))
    return text.split(/\n\s*\n/).filter((one) => one.trim() !== '').length;
  return unit.startsWith('character') ? text.length : undefined;
}

const ONLY = /\b(?:only|nothing else|nothing but|no explanation|without (?:any )?explanation)\b/;
const CHATTER =
  /^(?:sure|certainly|of course|okay|ok|absolutely|great|here(?:'s| is| are)|below is|the (?:answer|result|text|sentence|list) (?:is|would be)|to (?:answer|determine|solve|find|convert|sort|replace|rewrite|remove)|let's|let us)\b/i;
const CHOICES = /(?:^|\n)\s*\(?([A-J])[.):]\s/g;

/** The form that an order wants: JSON, CSV, one case, one of the options, the bare result. */
export function formDemands(order: string, whole: string, answer: string): Demand[] {
  const lower = order.toLowerCase();
  const text = plainAnswer(answer);
  const demands: Demand[] = [];
  const wantsJson = /\b(?:as|in|into|to a?|with|only|valid|answer) (?:a |an )?json\b/.test(lower);
  const wantsCsv =
    /\b(?:as|in|into|to|with|only)(?: the| a)? csv\b/.test(lower) && !/csv (?:in)?to\b/.test(lower);
  if (wantsJson && !wantsCsv)
    demands.push({ name: 'JSON', holds: jsonAnswer(answer) !== undefined });
  if (wantsCsv) demands.push({ name: 'CSV', holds: isCsv(text) });
  if (/\b(?:upper ?case|capital letters|all caps|block letters)\b/.test(lower))
    demands.push({ name: 'capital letters', holds: text === text.toUpperCase() });
  if (/\b(?:in|to|all|use) (?:lower ?case|small letters)\b/.test(lower))
    demands.push({ name: 'small letters', holds: text === text.toLowerCase() });
  if (/\b(?:yes or no|yes\/no)\b/.test(lower))
    demands.push({ name: 'yes or no', holds: /^\W*(?:yes|no)\b/i.test(text) });
  const letters = [...whole.matchAll(CHOICES)].map(([, letter = '']) => letter);
  if (letters.length >= 2 && /\b(?:letter|option|choose|choice|which of)\b/i.test(whole))
    demands.push({ name: 'one of the options', holds: namesOption(text, letters) });
  if (ONLY.test(lower)) demands.push({ name: 'the bare result', holds: !CHATTER.test(text) });
  if (/\byyyy-mm-dd\b/.test(lower))
    demands.push({ name: 'YYYY-MM-DD', holds: /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/.test(text) });
  return demands;
}

/** The same number of cells, two at least, in every line. */
function isCsv(text: string): boolean {
  if (jsonAnswer(text) !== undefined) return false;
  const cells = linesOf(text).map((line) => line.replaceAll(/"[^"]*"/g, '').split(/[,;\t]/).length);
  return cells.length > 0 && (cells[0] ?? 0) > 1 && cells.every((count) => count === cells[0]);
}

function namesOption(text: string, letters: readonly string[]): boolean {
  const named = /(?:^|[^\p{L}])([A-J])(?![\p{L}'’])/u.exec(text)?.[1];
  return named !== undefined && letters.includes(named);
}
