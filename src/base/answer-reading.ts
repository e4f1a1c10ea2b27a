import { readText, type TextReading } from './text-reading.ts';

/** Units of an answer that are read, from each end. */
const READ_END = 6000;
const NUMBER = String.raw`-?\$?\d[\d,]*(?:\.\d+)?`;
const EQUATION = new RegExp(
  String.raw`(${NUMBER}(?:\s*[-+*/×÷x]\s*\(?${NUMBER}%?\)?){1,6})\s*=\s*(${NUMBER})`,
  'g',
);
const REFUSAL =
  /\b(?:i (?:cannot|can't|can not|am unable|don't know)|as an ai|i'm sorry|not enough information|cannot be determined|es tut mir leid|je suis désolé|lo siento)\b|无法|抱歉/i;
const HEDGE =
  /\b(?:however|assum\w+|approximately|about|maybe|perhaps|probably|unclear|wait|mistake|sorry|correction|rounded?|since we can't|doesn't make sense)\b|可能|大概|假设/gi;
const FINAL = /####|\\boxed|\banswer(?: is|:)|\btherefore\b|\bin total\b|答案/gi;
const SUM_LEAST = 1e-9;

/**
 * An answer as numbers, for P(it is right): the shape of the question, that of the answer, and signs
 * that can be checked without knowing the truth (equations worked out anew, refusal, a cut end,
 * repetition, hedging, a final result and where its number comes from). The features are the
 * answer's words. Linear in at most 12,000 units of the answer.
 */
export function readAnswer(prompt: TextReading, promptText: string, answer: string): TextReading {
  const text =
    answer.length <= 2 * READ_END
      ? answer
      : `${answer.slice(0, READ_END)}\n${answer.slice(-READ_END)}`;
  const reading = readText(text, { length: answer.length });
  const signs = answerSigns(promptText.slice(0, 2 * READ_END), text);
  const shape = new Float64Array(prompt.shape.length + reading.shape.length + signs.length);
  shape.set(prompt.shape);
  shape.set(reading.shape, prompt.shape.length);
  shape.set(signs, prompt.shape.length + reading.shape.length);
  return { shape, indices: reading.indices, counts: reading.counts };
}

function answerSigns(prompt: string, answer: string): number[] {
  const log = Math.log1p;
  const { right, wrong, lastWrong } = checkEquations(answer);
  const asked = numbersOf(prompt);
  const said = numbersOf(answer);
  const last = said.at(-1);
  const askedSet = new Set(asked);
  const saidSet = new Set(said);
  const used = asked.filter((value) => saidSet.has(value)).length / Math.max(1, asked.length);
  const strange = said.filter((value) => !askedSet.has(value)).length;
  const largest = Math.max(1, ...asked.slice(0, 200).map(Math.abs));
  return [
    log(right),
    log(wrong),
    wrong > 0 ? 1 : 0,
    wrong / Math.max(1, right + wrong),
    lastWrong ? 1 : 0,
    REFUSAL.test(answer) ? 1 : 0,
    /[.!?。！？\d)}\]$"'”]\s*$/.test(answer) ? 0 : 1,
    repetition(answer),
    log(answer.match(HEDGE)?.length ?? 0),
    log(answer.match(FINAL)?.length ?? 0),
    used,
    log(strange),
    last === undefined ? 1 : 0,
    last !== undefined && !Number.isInteger(last) ? 1 : 0,
    last !== undefined && last < 0 ? 1 : 0,
    last !== undefined && askedSet.has(last) ? 1 : 0,
    last === undefined ? 0 : log(Math.abs(last)) / 10,
    last === undefined
      ? 0
      : Math.max(-3, Math.min(3, Math.log((Math.abs(last) + 1) / (largest + 1)))),
    log(answer.length) - log(prompt.length),
    decimalsOf(said),
  ];
}

function decimalsOf(numbers: readonly number[]): number {
  return numbers.filter((value) => !Number.isInteger(value)).length / Math.max(1, numbers.length);
}

/** Numbers as they are written, without thousands separators. */
function numbersOf(text: string): number[] {
  const found: number[] = [];
  for (const [raw] of text.matchAll(/(?<![\w.])-?\d[\d,]*(?:\.\d+)?/g)) {
    const value = Number(raw.replaceAll(',', ''));
    if (Number.isFinite(value)) found.push(value);
  }
  return found;
}

/** Share of the answer's lines that it has said before. */
function repetition(answer: string): number {
  const lines = answer
    .split(/\n|(?<=[.!?])\s/)
    .map((line) => line.trim())
    .filter((line) => line.length > 8);
  return lines.length === 0 ? 0 : 1 - new Set(lines).size / lines.length;
}

/** Works out every `a + b × c = d` anew; a result may be rounded to the digits it shows. */
export function checkEquations(text: string): {
  readonly right: number;
  readonly wrong: number;
  readonly lastWrong: boolean;
} {
  let right = 0;
  let wrong = 0;
  let lastWrong = false;
  for (const [, left = '', shown = ''] of text.matchAll(EQUATION)) {
    const value = calculate(left);
    const wanted = plain(shown);
    if (value === undefined || !Number.isFinite(wanted)) continue;
    const digits = shown.split('.')[1]?.length ?? 0;
    lastWrong = Math.abs(value - wanted) > 0.5 * 10 ** -digits + SUM_LEAST * Math.abs(wanted);
    if (lastWrong) wrong += 1;
    else right += 1;
  }
  return { right, wrong, lastWrong };
}

function plain(number: string): number {
  return Number(number.replaceAll(/[,$]/g, ''));
}

/** Products before sums, from left to right; brackets are read as they stand. */
function calculate(expression: string): number | undefined {
  const parts = expression.match(/(?<![\d)%]\s*)-?\$?\d[\d,]*(?:\.\d+)?%?|[-+*/×÷x]/g) ?? [];
  const numbers: number[] = [];
  let sum = 0;
  let operator = '+';
  let product: number | undefined;
  for (const part of parts) {
    if (/^[-+*/×÷x]$/.test(part)) {
      operator = part;
      continue;
    }
    const value = part.endsWith('%') ? plain(part.slice(0, -1)) / 100 : plain(part);
    numbers.push(value);
    if (operator === '+' || operator === '-') {
      sum += product ?? 0;
      product = operator === '-' && product !== undefined ? -value : value;
    } else if (product === undefined) return undefined;
    else product = operator === '/' || operator === '÷' ? product / value : product * value;
  }
  return numbers.length < 2 ? undefined : sum + (product ?? 0);
}
