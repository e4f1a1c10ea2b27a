import type { EquationToken } from './equation-tokens.ts';
import { calculate, negated, type Rational } from './rational.ts';

const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 3 };
/** Deepest parentheses that are followed. */
const DEEPEST = 32;

interface Cursor {
  at: number;
}

/**
 * The exact value of a whole expression by precedence climbing; undefined when the tokens are no
 * complete expression, divide by zero, or grow beyond the bounds of `calculate`.
 */
export function evaluate(tokens: readonly EquationToken[]): Rational | undefined {
  const cursor: Cursor = { at: 0 };
  const value = readExpression(tokens, cursor, 1, 0);
  return cursor.at === tokens.length ? value : undefined;
}

function readExpression(
  tokens: readonly EquationToken[],
  cursor: Cursor,
  least: number,
  depth: number,
): Rational | undefined {
  let left = readOperand(tokens, cursor, depth);
  while (left !== undefined) {
    const token = tokens[cursor.at];
    if (token?.kind !== 'operator') return left;
    const precedence = PRECEDENCE[token.sign] ?? 0;
    if (precedence < least) return left;
    cursor.at += 1;
    // `^` binds to the right, the others to the left.
    const next = token.sign === '^' ? precedence : precedence + 1;
    const right = readExpression(tokens, cursor, next, depth);
    left = right === undefined ? undefined : calculate(left, token.sign, right);
  }
  return undefined;
}

function readOperand(
  tokens: readonly EquationToken[],
  cursor: Cursor,
  depth: number,
): Rational | undefined {
  const token = tokens[cursor.at];
  cursor.at += 1;
  if (token === undefined || depth > DEEPEST) return undefined;
  if (token.kind === 'number') return token.value;
  if (token.kind === 'operator' && (token.sign === '-' || token.sign === '+')) {
    const value = readExpression(tokens, cursor, 2, depth + 1);
    return value && token.sign === '-' ? negated(value) : value;
  }
  if (token.kind !== 'open') return undefined;
  const inner = readExpression(tokens, cursor, 1, depth + 1);
  if (tokens[cursor.at]?.kind !== 'close') return undefined;
  cursor.at += 1;
  return inner;
}
