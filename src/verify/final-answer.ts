import { splitSentences } from '../base/sentences.ts';

/** Signs around a short answer that are none of its words. */
const DRESS = /[\s"'“”‘’`*_.,;:!()[\]]/;
const NUMBER = String.raw`[-−]?\d[\d,]*(?:\.\d+)?`;
const WHOLE_NUMBER = new RegExp(String.raw`^[^\p{L}\d\n]{0,3}?(${NUMBER})\s*[^\d\n]{0,20}$`, 'u');
const NAMED_NUMBER = [
  new RegExp(String.raw`####\s*\D{0,3}?(${NUMBER})`, 'g'),
  new RegExp(String.raw`\\boxed\{\D{0,3}?(${NUMBER})\D{0,20}\}`, 'g'),
  new RegExp(
    String.raw`\b(?:answer|result|total)(?:\s+is|:)\s*[^\p{L}\d\n]{0,6}?(${NUMBER})`,
    'giu',
  ),
];
const LAST_EQUALS = new RegExp(String.raw`=\s*[^\p{L}\d\n]{0,3}?(${NUMBER})[^\d\n=]{0,20}$`, 'u');
const ANY_NUMBER = new RegExp(String.raw`(?<![\w.])${NUMBER}`, 'g');
const CHOICE = /(?:^|[\s;,])\(?([A-J])[.):]\s{1,4}([^\n]{1,200}?)(?=$|\n|[\s;,]\(?[B-J][.):]\s)/g;
const BARE_CHOICE = /^[\s(*"'`]*([A-J])(?:[\s.):*"'`]*$|[.):]\s)/;
const NAMED_CHOICE =
  /\b(?:[Aa]nswer|[Cc]hoice|[Oo]ption)(?:\s+is)?[\s:(*"'`]*([A-J])(?![\p{L}\d'’])/gu;
/** Characters of an answer that are read: what decides stands at one of its ends. */
const READ_END = 4000;

/** A short answer as it is compared: without case, double spaces and the signs around it; linear. */
export function plainWords(text: string): string {
  const whole = text.normalize('NFKC');
  let start = 0;
  let end = whole.length;
  while (start < end && DRESS.test(whole.charAt(start))) start += 1;
  while (end > start && DRESS.test(whole.charAt(end - 1))) end -= 1;
  return whole.slice(start, end).replaceAll(/\s+/g, ' ').toLowerCase();
}

/** The number that an answer gives: it is nothing else, or it names it as its result. */
export function finalNumber(answer: string): number | undefined {
  const text = endOf(answer);
  const whole = WHOLE_NUMBER.exec(text.replaceAll(/^[*_`\s]+|[*_`\s]+$/g, ''))?.[1];
  if (whole !== undefined) return numberOf(whole);
  for (const pattern of NAMED_NUMBER) {
    const named = [...text.matchAll(pattern)].at(-1)?.[1];
    if (named !== undefined) return numberOf(named);
  }
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  return numberOf(LAST_EQUALS.exec(last)?.[1]);
}

/** As `finalNumber`, and also the only number there is. */
export function onlyNumber(answer: string): number | undefined {
  const found = finalNumber(answer);
  if (found !== undefined || answer.length > READ_END) return found;
  const all = answer.match(ANY_NUMBER) ?? [];
  return all.length === 1 ? numberOf(all[0]) : undefined;
}

const ASKS_NUMBER =
  /\bhow (?:many|much|long|old|far|tall|often|heavy)\b|\b(?:calculate|compute|what is the (?:total|sum|difference|product|average|number|cost|price|percentage))\b/i;
/** Units of the end of an answer in which its conclusion stands. */
const CONCLUSION = 600;

/** Whether a request wants a number, so that the last sentence of an answer tells its result. */
export function asksNumber(prompt: string): boolean {
  return ASKS_NUMBER.test(prompt.slice(-2 * READ_END));
}

/** The result of the last sentence: what its last equation gives, or the only number there. */
export function concludedNumber(answer: string): number | undefined {
  const found = finalNumber(answer);
  if (found !== undefined) return found;
  const end = answer.slice(-CONCLUSION).replaceAll(/<<[^<>]*>>/g, '');
  const last = splitSentences(end).at(-1)?.text ?? '';
  const result = last.slice(last.lastIndexOf('=') + 1);
  const numbers = new Set((result.match(ANY_NUMBER) ?? []).map((one) => numberOf(one)));
  return numbers.size === 1 ? [...numbers][0] : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // A comma before three digits parts thousands, any other one is a decimal point.
  const plain = text
    .replace('−', '-')
    .replaceAll(/,(?=\d{3}(?!\d))/g, '')
    .replace(',', '.');
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** The choices that a request offers, by letter, in words as they are compared; empty where it offers none. */
export function choicesOf(prompt: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const read = prompt.slice(-2 * READ_END);
  for (const [, letter = '', words = ''] of read.matchAll(CHOICE))
    found.set(letter, plainWords(words));
  return found.has('A') && found.has('B') ? found : new Map();
}

/** The letter that an answer names; its words count where they are one choice's own. */
export function finalChoice(
  answer: string,
  choices: ReadonlyMap<string, string>,
): string | undefined {
  const text = endOf(answer).trim();
  const bare = BARE_CHOICE.exec(text)?.[1];
  if (bare !== undefined && choices.has(bare)) return bare;
  const named = [...text.matchAll(NAMED_CHOICE)].at(-1)?.[1];
  if (named !== undefined && choices.has(named)) return named;
  const words = plainWords(text);
  const same = [...choices].filter(([, choice]) => choice === words);
  return same.length === 1 ? same[0]?.[0] : undefined;
}

function endOf(answer: string): string {
  return answer.length <= 2 * READ_END
    ? answer
    : `${answer.slice(0, READ_END)}\n${answer.slice(-READ_END)}`;
}
