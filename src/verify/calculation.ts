import { expressionValue } from './expression.ts';
import type { Rational } from './rational.ts';

/** A calculation that was carried out. */
export interface Worked {
  /** The working, one equation a line, then the answer. */
  readonly text: string;
  readonly result: string;
}

/** Lines of a program, and characters of one of them. */
const MOST_LINES = 40;
const LONGEST_LINE = 400;
/** Decimals of a result that does not end: 1/3 is shown as 0.3333. */
const DECIMALS = 4;

const ASSIGNMENT = /^\s*(?:[-*]\s+)?([\p{L}_][\p{L}\p{N}_ ’']*?)\s*=(?!=)\s*(\S.*)$/u;
const ANSWER = /^\s*(?:->|→|=>)\s*(.*)$/;
const FENCE = /^\s*```/;

/**
 * Carries out what a model wrote instead of calculating: lines `name = expression` and at the end
 * `-> the answer with {name} for the result` (program-aided language models, Gao et al. 2023,
 * section 3). What the model believes to be the result is not asked: a number in an answer without
 * braces gives way to the last value. Undefined where a line cannot be calculated, or none is there.
 */
export function carriedOut(program: string): Worked | undefined {
  const lines = program.split('\n').filter((line) => line.trim() !== '' && !FENCE.test(line));
  const known = new Map<string, Rational>();
  const working: string[] = [];
  let answer = '';
  if (lines.length > MOST_LINES) return undefined;
  for (const line of lines) {
    const said = ANSWER.exec(line)?.[1] ?? formOf(line);
    if (said !== undefined) {
      answer = said;
      break;
    }
    const step = line.length > LONGEST_LINE ? undefined : stepOf(line, known);
    if (step === undefined) return undefined;
    working.push(step);
  }
  const last = [...known.values()].at(-1);
  if (last === undefined) return undefined;
  const result = written(last);
  const told = filledIn(answer, known, result);
  return told === undefined ? undefined : { text: [...working, told].join('\n'), result };
}

/** An answer in a form of its own without the arrow before it: `#### 12`, `\boxed{12}`, `Answer: 12`. */
function formOf(line: string): string | undefined {
  return /^\s*(?:####|\\boxed\{|\*{0,2}answer\b)/i.test(line) ? line.trim() : undefined;
}

/** Calculates one line and tells it with values in the place of names. */
function stepOf(line: string, known: Map<string, Rational>): string | undefined {
  const [, written_ = '', right = ''] = ASSIGNMENT.exec(line) ?? [];
  const expression = right.replace(/\s*(?:#|\/\/\s).*$/, '').trim();
  // `total = 3 * 4 = 12`: what stands after the second sign is the model's guess.
  const [first = ''] = expression.split('=');
  const terms = named(first, known);
  const value = expressionValue(terms, known);
  if (value === undefined) return undefined;
  const name = nameOf(written_);
  known.set(name, value);
  const shown = terms
    .replace(/\p{L}[\p{L}\p{N}_]*(?!\s*\()/gu, (one) => {
      const known_ = known.get(one);
      return known_ === undefined || one === name ? one : written(known_);
    })
    .trim();
  const label = written_.replaceAll('_', ' ').trim();
  const result = written(value);
  return shown === result ? `${label} = ${result}` : `${label}: ${shown} = ${result}`;
}

/** Names of several words, `Ann’s coins`, are one name to the calculation; units, `12 km`, are none. */
function named(expression: string, known: ReadonlyMap<string, Rational>): string {
  let text = expression.replace(/[’']/g, '');
  for (const name of [...known.keys()].sort((left, right) => right.length - left.length))
    if (name.includes('_')) text = text.replaceAll(name.replaceAll('_', ' '), name);
  return text.replace(
    /(\d)\s*((?:\p{L}+[ \t]*)+)(?=$|[-+*/^%()×÷−,])/gu,
    (all, digit: string, unit: string) => (known.has(unit.trim()) ? all : digit),
  );
}

function nameOf(words: string): string {
  return words.trim().replace(/[’']/g, '').replace(/\s+/g, '_');
}

/** The answer with results in its braces; undefined where a brace cannot be calculated. */
function filledIn(
  answer: string,
  known: ReadonlyMap<string, Rational>,
  result: string,
): string | undefined {
  if (answer === '') return `Answer: ${result}`;
  let isWhole = true;
  let count = 0;
  const filled = answer.replace(/\{([^{}]*)\}/g, (all, inner: string) => {
    const value = expressionValue(named(inner, known), known);
    if (value === undefined) {
      isWhole &&= !/\p{L}/u.test(inner) || /^\s*$/.test(inner);
      return all;
    }
    count += 1;
    // The braces of `\boxed{12}` belong to the answer.
    return /^\s*-?[\d.,]+\s*$/.test(inner) ? `{${result}}` : written(value);
  });
  if (!isWhole) return undefined;
  if (count > 0) return filled;
  const numbers = answer.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? [];
  if (numbers.length === 1) return answer.replace(numbers[0] ?? '', () => result);
  return numbers.length === 0 ? `${answer} ${result}` : undefined;
}

/** `12`, `0.75`, `0.3333`: exact where the decimals end soon enough. */
function written({ numerator, denominator }: Rational): string {
  const isNegative = numerator < 0n;
  const scale = 10n ** BigInt(DECIMALS);
  const positive = isNegative ? -numerator : numerator;
  const scaled = (2n * positive * scale + denominator) / (2n * denominator);
  const whole = scaled / scale;
  const rest = String(scaled % scale)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '');
  const digits = rest === '' ? `${whole}` : `${whole}.${rest}`;
  return isNegative && scaled > 0n ? `-${digits}` : digits;
}
