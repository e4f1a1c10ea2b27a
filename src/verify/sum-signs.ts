import { checkEquations } from '../base/answer-reading.ts';

/** What a calculated answer shows beside its equations. */
export interface SumSigns {
  /** Share of the question's numbers that the answer uses, 0 … 1. */
  readonly used: number;
  /** The result is a fraction where the question has whole numbers only. */
  readonly fraction: boolean;
  /** The result is a number of the question. */
  readonly copied: boolean;
  /** No number at all. */
  readonly none: boolean;
  /** ln(1 + n) of the equations that hold, and of numbers that the question does not have. */
  readonly held: number;
  readonly fresh: number;
  /** ln of the answer's length against the question's. */
  readonly length: number;
}

const MOST = 12_000;

/** Reads the numbers of a question and of an answer whose last number is its result. */
export function sumSigns(question: string, answer: string): SumSigns {
  const asked = numbersOf(question);
  const said = numbersOf(answer);
  const last = said.at(-1);
  const has = new Set(said);
  return {
    used: asked.length === 0 ? 0 : asked.filter((one) => has.has(one)).length / asked.length,
    fraction: last !== undefined && !Number.isInteger(last) && asked.every(Number.isInteger),
    copied: last !== undefined && asked.includes(last),
    none: last === undefined,
    held: Math.log1p(checkEquations(answer.slice(0, MOST)).right),
    fresh: Math.log1p(said.filter((one) => !asked.includes(one)).length),
    length: Math.log1p(answer.length) - Math.log1p(question.length),
  };
}

/** Numbers as they are written, without thousands separators; digits within words are none. */
function numbersOf(text: string): number[] {
  const found: number[] = [];
  for (const [raw] of text.slice(0, MOST).matchAll(/(?<![\p{L}\d.])\d[\d,]*(?:\.\d+)?/gu)) {
    const value = Number(raw.replaceAll(',', ''));
    if (Number.isFinite(value)) found.push(value);
  }
  return found;
}
