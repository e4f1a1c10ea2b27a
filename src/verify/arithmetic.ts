import type { CheckResult } from '../core/decision.ts';
import { CHECKED_LENGTH, failed, passed } from './checks.ts';
import { type EquationToken, equationTokens } from './equation-tokens.ts';
import { evaluate } from './equation-value.ts';
import { isWithin, type Rational, toNumber } from './rational.ts';
import { unitOf } from './units.ts';

type NumberToken = Extract<EquationToken, { kind: 'number' }>;

export interface Equation {
  readonly left: Rational;
  readonly right: Rational;
  readonly holds: boolean;
}

/** Two values that agree to this many decimals are equal; conversion factors are not exact. */
const EXACT_DECIMALS = 12;
/** Longest side of an equation, in tokens. */
const LONGEST_SIDE = 80;

/**
 * Does every equation of the answer hold? Finds `3 × 4 = 12`, chains (`2 + 3 = 5 × 4 = 20`), words
 * (`3 times 4 is 12`), units, percentages and thousands separators, and calculates them anew with
 * exact fractions. A result may be rounded to the digits it shows. Sides with variables are left
 * alone.
 */
export function checkArithmetic(text: string): CheckResult {
  const equations = findEquations(text.slice(0, CHECKED_LENGTH));
  if (equations.length === 0) return passed('arithmetic', 0.5, 'the answer has no equation');
  const wrong = equations.filter((one) => !one.holds);
  const first = wrong[0];
  if (first === undefined)
    return passed('arithmetic', 0.95, `${equations.length} equation(s) calculated anew, all hold`);
  return failed(
    'arithmetic',
    0.1,
    `${wrong.length} of ${equations.length} equation(s) do not hold: the left side is ${show(first.left)}, not ${show(first.right)}`,
  );
}

/** Every pair of neighbouring sides that could be read, with whether it holds. */
export function findEquations(text: string): readonly Equation[] {
  const tokens = equationTokens(text);
  const equations: Equation[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'equals') continue;
    const left = leftSide(tokens, index);
    const right = rightSide(tokens, index);
    if (!left || !right || !left.some((one) => one.kind === 'operator')) continue;
    if (token.isWord && right.length > 1) continue;
    const equation = compare(left, right, token.isRounded);
    if (equation) equations.push(equation);
  }
  return equations;
}

function leftSide(tokens: readonly EquationToken[], end: number): EquationToken[] | undefined {
  let start = end;
  let depth = 0;
  while (start > 0 && end - start < LONGEST_SIDE) {
    const token = tokens[start - 1];
    if (token === undefined || token.kind === 'break' || token.kind === 'equals') break;
    if (token.kind === 'close') depth += 1;
    if (token.kind === 'open') depth -= 1;
    if (depth < 0) break;
    start -= 1;
  }
  const before = tokens[start - 1];
  let side = tokens.slice(start, end);
  // `1) 5 + 3 = 8`: the number of a list item is no part of the sum.
  if (depth > 0) {
    const close = side.findIndex((token) => token.kind === 'close');
    side = side.slice(close + 1);
    return evaluate(side) ? side : undefined;
  }
  // `y + 2 + 3 = 7`: what begins with an operator goes on to the left, where a letter stands.
  const isCut = before?.kind === 'break' && before.isLetter && side[0]?.kind === 'operator';
  return isCut || side.length === 0 ? undefined : side;
}

/** The longest expression after the sign that can be calculated. */
function rightSide(tokens: readonly EquationToken[], at: number): EquationToken[] | undefined {
  let end = at + 1;
  while (end < tokens.length && end - at <= LONGEST_SIDE) {
    const token = tokens[end];
    if (token === undefined || token.kind === 'break' || token.kind === 'equals') break;
    end += 1;
  }
  for (; end > at + 1; end -= 1) {
    const side = tokens.slice(at + 1, end);
    if (evaluate(side)) return side;
  }
  return undefined;
}

function compare(
  left: readonly EquationToken[],
  right: readonly EquationToken[],
  isRounded: boolean,
): Equation | undefined {
  const leftValue = evaluate(left);
  const rightValue = evaluate(right);
  if (!leftValue || !rightValue) return undefined;
  const shown = right.find((token): token is NumberToken => token.kind === 'number');
  const readings = [rightValue];
  // In `2 + 3 = 5 × 4 = 20` the first number after the sign is the result of what is before it.
  if (shown) readings.push(shown.value);
  // `5 / 20 × 100 = 25 %` and `5 / 20 = 25 %` are both written.
  if (shown?.isPercent) readings.push({ ...shown.value, numerator: shown.value.numerator * 100n });
  const converted = convert(left, leftValue, shown);
  const decimals = (shown?.decimals ?? 0) + (shown?.isPercent ? 2 : 0);
  const divides = left.some((token) => token.kind === 'operator' && token.sign === '/');
  const mayRound = isRounded || divides || decimals > 0;
  const holds = [leftValue, ...converted].some((value) =>
    readings.some(
      (one) =>
        isWithin(value, one, EXACT_DECIMALS, [1n, 1n]) ||
        (mayRound && isRoundedTo(value, one, decimals)),
    ),
  );
  return { left: leftValue, right: rightValue, holds };
}

/** Rounded or cut (2 / 3 = 0.66) to the decimals shown; a value that needs no rounding gets none. */
function isRoundedTo(value: Rational, shown: Rational, decimals: number): boolean {
  const scaled = value.numerator * 10n ** BigInt(decimals);
  if (scaled % value.denominator === 0n) return false;
  return isWithin(value, shown, decimals, decimals > 0 ? [1n, 1n] : [1n, 2n]);
}

/** `1 / 2 hour = 30 minutes`: the left value in the unit of the right one. */
function convert(
  left: readonly EquationToken[],
  value: Rational,
  shown: NumberToken | undefined,
): readonly Rational[] {
  const last = left.findLast((token) => token.kind === 'number' && token.unit !== undefined);
  const from = last?.kind === 'number' ? unitOf(last.unit ?? '') : undefined;
  const to = unitOf(shown?.unit ?? '');
  if (!from || !to || from.dimension !== to.dimension || from.factor === to.factor) return [];
  const scale = BigInt(Math.round((from.factor / to.factor) * 1e9));
  return [{ numerator: value.numerator * scale, denominator: value.denominator * 1_000_000_000n }];
}

function show(value: Rational): string {
  return String(Number(toNumber(value).toPrecision(12)));
}
