/** An exact fraction; the denominator is positive. Not reduced: operands here are short. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Longest number or power that is computed, in bits; beyond it a result is undefined. */
const MOST_BITS = 4096;
const MOST_EXPONENT = 64n;

/** `1,234.50` → 123450/100. The text holds digits, optional thousands separators and decimals. */
export function rationalOf(text: string): Rational | undefined {
  const plain = text.replace(/[,'\u00a0\u202f\u2009_]/g, '');
  const match = /^(\d{1,60})(?:\.(\d{1,30}))?$/.exec(plain);
  if (!match) return undefined;
  const decimals = match[2] ?? '';
  return {
    numerator: BigInt(`${match[1]}${decimals}`),
    denominator: 10n ** BigInt(decimals.length),
  };
}

/** The result of `a operator b`, undefined where there is none (division by zero, too large). */
export function calculate(a: Rational, operator: string, b: Rational): Rational | undefined {
  switch (operator) {
    case '+':
      return bounded(
        a.numerator * b.denominator + b.numerator * a.denominator,
        a.denominator * b.denominator,
      );
    case '-':
      return bounded(
        a.numerator * b.denominator - b.numerator * a.denominator,
        a.denominator * b.denominator,
      );
    case '*':
      return bounded(a.numerator * b.numerator, a.denominator * b.denominator);
    case '/':
      return b.numerator === 0n
        ? undefined
        : bounded(a.numerator * b.denominator, a.denominator * b.numerator);
    case '^':
      return power(a, b);
    default:
      return undefined;
  }
}

function power(base: Rational, exponent: Rational): Rational | undefined {
  if (exponent.numerator % exponent.denominator !== 0n) return undefined;
  const times = exponent.numerator / exponent.denominator;
  if (times < 0n || times > MOST_EXPONENT) return undefined;
  if (bitsOf(base.numerator) * Number(times) > MOST_BITS) return undefined;
  return bounded(base.numerator ** times, base.denominator ** times);
}

function bounded(numerator: bigint, denominator: bigint): Rational | undefined {
  if (bitsOf(numerator) > MOST_BITS || bitsOf(denominator) > MOST_BITS) return undefined;
  return denominator < 0n
    ? { numerator: -numerator, denominator: -denominator }
    : { numerator, denominator };
}

function bitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

export function negated(value: Rational): Rational {
  return { numerator: -value.numerator, denominator: value.denominator };
}

/** The nearest double, for messages and tolerances. */
export function toNumber(value: Rational): number {
  const whole = value.numerator / value.denominator;
  const rest = value.numerator % value.denominator;
  return Number(whole) + Number((rest * 10n ** 12n) / value.denominator) / 1e12;
}

/** |a − b| ≤ 10^−decimals × share, exactly. `share` is a fraction of two whole numbers. */
export function isWithin(
  a: Rational,
  b: Rational,
  decimals: number,
  share: readonly [bigint, bigint],
): boolean {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  const absolute = difference < 0n ? -difference : difference;
  return absolute * 10n ** BigInt(decimals) * share[1] <= share[0] * a.denominator * b.denominator;
}
