import { calculate, negated, type Rational, rationalOf } from './rational.ts';

/** One sign of an expression. */
type Sign =
  | { readonly kind: 'number'; readonly value: Rational }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'mark'; readonly mark: string };

const PIECE =
  /\s+|\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+|\p{L}[\p{L}\p{N}_]*|\*\*|\/\/|[-+*/^%()×÷−,$€£]/uy;
const SAME: Readonly<Record<string, string>> = { '**': '^', '×': '*', '÷': '/', '−': '-' };
const PRECEDENCE: Readonly<Record<string, number>> = {
  '+': 1,
  '-': 1,
  '*': 2,
  '/': 2,
  '//': 2,
  '%': 2,
  '^': 3,
};
const HUNDRED: Rational = { numerator: 100n, denominator: 1n };
const DEEPEST = 32;
const MOST_SIGNS = 200;

/**
 * The exact value of an expression in numbers, the names of `known`, + − × ÷ ^ // % (a rest between
 * two operands, else per cent), parentheses and round, floor, ceil, abs, min, max. Undefined where it
 * is no such expression, divides by zero or grows beyond the bounds of `calculate`.
 */
export function expressionValue(
  text: string,
  known: ReadonlyMap<string, Rational>,
): Rational | undefined {
  const signs = signsOf(text);
  if (signs === undefined || signs.length === 0) return undefined;
  const reader = new ExpressionReader(signs, known);
  const value = reader.read(1, 0);
  return reader.isAtEnd ? value : undefined;
}

function signsOf(text: string): Sign[] | undefined {
  const signs: Sign[] = [];
  for (let at = 0; at < text.length; ) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(text)?.[0];
    if (piece === undefined || signs.length > MOST_SIGNS) return undefined;
    at += piece.length;
    if (piece.trim() === '' || /^[$€£]$/.test(piece)) continue;
    if (/^[\d.]/.test(piece)) {
      const value = rationalOf(piece.startsWith('.') ? `0${piece}` : piece);
      if (value === undefined) return undefined;
      signs.push({ kind: 'number', value });
    } else if (/^\p{L}/u.test(piece)) signs.push({ kind: 'name', name: piece });
    else signs.push({ kind: 'mark', mark: SAME[piece] ?? piece });
  }
  return signs;
}

class ExpressionReader {
  readonly #signs: readonly Sign[];
  readonly #known: ReadonlyMap<string, Rational>;
  #at = 0;

  constructor(signs: readonly Sign[], known: ReadonlyMap<string, Rational>) {
    this.#signs = signs;
    this.#known = known;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#signs.length;
  }

  /** By precedence climbing. */
  read(least: number, depth: number): Rational | undefined {
    let left = this.#operand(depth);
    while (left !== undefined) {
      const mark = this.#mark();
      const precedence = PRECEDENCE[mark ?? ''];
      if (mark === undefined || precedence === undefined || precedence < least) return left;
      this.#at += 1;
      if (mark === '%' && !this.#beginsOperand()) {
        left = calculate(left, '/', HUNDRED);
        continue;
      }
      // `^` binds to the right, the others to the left.
      const right = this.read(mark === '^' ? precedence : precedence + 1, depth);
      left = right === undefined ? undefined : combined(left, mark, right);
    }
    return undefined;
  }

  #mark(): string | undefined {
    const sign = this.#signs[this.#at];
    return sign?.kind === 'mark' ? sign.mark : undefined;
  }

  #beginsOperand(): boolean {
    const sign = this.#signs[this.#at];
    return sign !== undefined && (sign.kind !== 'mark' || sign.mark === '(');
  }

  #operand(depth: number): Rational | undefined {
    const sign = this.#signs[this.#at];
    this.#at += 1;
    if (sign === undefined || depth > DEEPEST) return undefined;
    if (sign.kind === 'number') return sign.value;
    if (sign.kind === 'name')
      return this.#mark() === '(' ? this.#call(sign.name, depth) : this.#known.get(sign.name);
    if (sign.mark === '-' || sign.mark === '+') {
      const value = this.read(2, depth + 1);
      return value && sign.mark === '-' ? negated(value) : value;
    }
    if (sign.mark !== '(') return undefined;
    const inner = this.read(1, depth + 1);
    return this.#take(')') ? inner : undefined;
  }

  #call(name: string, depth: number): Rational | undefined {
    this.#at += 1;
    const values: Rational[] = [];
    do {
      const value = this.read(1, depth + 1);
      if (value === undefined) return undefined;
      values.push(value);
    } while (this.#take(','));
    return this.#take(')') ? called(name, values) : undefined;
  }

  #take(mark: string): boolean {
    if (this.#mark() !== mark) return false;
    this.#at += 1;
    return true;
  }
}

function combined(left: Rational, mark: string, right: Rational): Rational | undefined {
  if (mark !== '//' && mark !== '%') return calculate(left, mark, right);
  const quotient = calculate(left, '/', right);
  const whole = quotient && floorOf(quotient);
  if (whole === undefined || mark === '//') return whole;
  const taken = calculate(whole, '*', right);
  return taken && calculate(left, '-', taken);
}

function called(name: string, values: readonly Rational[]): Rational | undefined {
  const [value, other] = values;
  if (value === undefined) return undefined;
  if (name === 'min' || name === 'max')
    return values.reduce((best, one) => (isLess(one, best) === (name === 'min') ? one : best));
  if (name === 'round' && other !== undefined) return roundedTo(value, other);
  if (values.length > 1) return undefined;
  switch (name) {
    case 'floor':
    case 'int':
      return floorOf(value);
    case 'ceil':
      return negated(floorOf(negated(value)));
    case 'round':
      return roundedTo(value, { numerator: 0n, denominator: 1n });
    case 'abs':
      return value.numerator < 0n ? negated(value) : value;
    default:
      return undefined;
  }
}

/** Half goes up. */
function roundedTo(value: Rational, decimals: Rational): Rational | undefined {
  const ten: Rational = { numerator: 10n, denominator: 1n };
  const scale = calculate(ten, '^', decimals);
  const scaled = scale && calculate(value, '*', scale);
  const half = scaled && calculate(scaled, '+', { numerator: 1n, denominator: 2n });
  return half && scale && calculate(floorOf(half), '/', scale);
}

function floorOf({ numerator, denominator }: Rational): Rational {
  const whole = numerator / denominator;
  const isBelow = numerator < 0n && numerator % denominator !== 0n;
  return { numerator: isBelow ? whole - 1n : whole, denominator: 1n };
}

function isLess(left: Rational, right: Rational): boolean {
  return left.numerator * right.denominator < right.numerator * left.denominator;
}
