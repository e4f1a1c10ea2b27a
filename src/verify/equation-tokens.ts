import { type Rational, rationalOf } from './rational.ts';
import { unitOf } from './units.ts';

export type EquationToken =
  | {
      readonly kind: 'number';
      readonly value: Rational;
      /** Decimals shown. */
      readonly decimals: number;
      readonly isPercent: boolean;
      /** The word after it, lower-case: `apples`, `km/h`. */
      readonly unit?: string;
    }
  | { readonly kind: 'operator'; readonly sign: '+' | '-' | '*' | '/' | '^' }
  | { readonly kind: 'open' | 'close' }
  /** `=`, `≈`, `equals`, `is`. */
  | { readonly kind: 'equals'; readonly isRounded: boolean; readonly isWord: boolean }
  /** Anything that no equation contains. */
  | { readonly kind: 'break'; readonly isLetter: boolean };

const PIECE =
  /\d{1,3}(?:[,'\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\p{L}+(?:\/\p{L}+)?|\*\*|[=≈]=?|\s+|[^\s]/gu;
const OPERATORS: ReadonlyMap<string, '+' | '-' | '*' | '/' | '^'> = new Map([
  ['+', '+'],
  ['plus', '+'],
  ['-', '-'],
  ['−', '-'],
  ['–', '-'],
  ['minus', '-'],
  ['*', '*'],
  ['×', '*'],
  ['·', '*'],
  ['⋅', '*'],
  ['times', '*'],
  ['/', '/'],
  ['÷', '/'],
  ['^', '^'],
  ['**', '^'],
] as const);
const EQUALS = new Set(['=', '≈', 'equals', 'equal', 'is', 'gives', 'makes']);
const CURRENCIES = new Set(['$', '€', '£', '¥']);
const SUPERSCRIPTS: ReadonlyMap<string, string> = new Map([
  ['²', '2'],
  ['³', '3'],
]);

/** Marks of LaTeX and Markdown that stand around or for operators. */
function plain(text: string): string {
  return text
    .replace(/\\(?:times|cdot)\b/g, '×')
    .replace(/\\div\b/g, '÷')
    .replace(/\\frac\{([\d.,]{1,40})\}\{([\d.,]{1,40})\}/g, '($1)/($2)')
    .replace(/\\[()[\]]|\\,|\\%/g, (mark) => (mark === '\\%' ? '%' : ' '))
    .replace(/(?<!\d)\*\*|\*\*(?!\d)/g, ' ')
    .replace(/\bmultiplied by\b/gi, '×')
    .replace(/\bdivided by\b/gi, '÷')
    .replace(/\bis equal to\b/gi, '=');
}

/** The text as numbers, operators, equality signs and breaks; words after numbers are units. */
export function equationTokens(text: string): readonly EquationToken[] {
  const pieces = (plain(text).match(PIECE) ?? []).filter(
    (piece) => piece.trim() !== '' || piece.includes('\n'),
  );
  const variables = variablesOf(text);
  const tokens: EquationToken[] = [];
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index] ?? '';
    if (/^\d/.test(piece)) {
      index += pushNumber(pieces, index, variables, tokens);
      continue;
    }
    const next = pieces[index + 1] ?? '';
    const power = SUPERSCRIPTS.get(piece);
    if (power !== undefined) pushPower(power, tokens);
    else if (!CURRENCIES.has(piece)) tokens.push(tokenOf(piece, next, tokens.at(-1)));
  }
  return tokens;
}

function pushPower(digit: string, tokens: EquationToken[]): void {
  const value = rationalOf(digit);
  if (!value) return;
  tokens.push({ kind: 'operator', sign: '^' });
  tokens.push({ kind: 'number', value, decimals: 0, isPercent: false });
}

/** Pushes a number with its percent sign and unit; returns how many pieces more than one it took. */
function pushNumber(
  pieces: readonly string[],
  at: number,
  variables: ReadonlySet<string>,
  tokens: EquationToken[],
): number {
  const text = pieces[at] ?? '';
  const value = rationalOf(text);
  if (!value) {
    tokens.push({ kind: 'break', isLetter: false });
    return 0;
  }
  let taken = 0;
  const isPercent = pieces[at + 1] === '%';
  if (isPercent) taken += 1;
  const written = pieces[at + taken + 1] ?? '';
  const word = written.toLowerCase();
  const isUnit = !variables.has(written) && isUnitWord(word, pieces[at + taken + 2] ?? '');
  if (isUnit) taken += 1;
  tokens.push({
    kind: 'number',
    value: isPercent ? { ...value, denominator: value.denominator * 100n } : value,
    decimals: (text.split('.')[1] ?? '').length,
    isPercent,
    ...(isUnit ? { unit: word } : {}),
  });
  return taken;
}

/** Single letters that stand alone beside an operator somewhere: `s = 6`, `(s + 9)`. */
function variablesOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const match of text.matchAll(
    /(?<![\p{L}\d])(?<!\d\s)(\p{L})\s?[=+*/^-]|(?<!\p{L})[=+*/^(-]\s?(\p{L})(?!\p{L})/gu,
  ))
    found.add(match[1] ?? match[2] ?? '');
  return found;
}

/** Single letters are variables unless they are units; `x` between numbers is a multiplication. */
function isUnitWord(word: string, next: string): boolean {
  if (!/^\p{L}/u.test(word) || OPERATORS.has(word) || EQUALS.has(word) || word === 'of')
    return false;
  if (word === 'x' && /^[\d$€£(]/.test(next)) return false;
  return word.length > 1 ? !BREAKING.has(word) : unitOf(word) !== undefined;
}

/** Words that end an equation instead of naming what is counted. */
const BREAKING = new Set(
  'and or so then the in on at to from by for with which that but if as we he she it they because'.split(
    ' ',
  ),
);

function tokenOf(piece: string, next: string, last: EquationToken | undefined): EquationToken {
  const word = piece.toLowerCase();
  const isAfterValue = last?.kind === 'number' || last?.kind === 'close';
  if (word === 'x' && isAfterValue && /^[\d$€£(]/.test(next))
    return { kind: 'operator', sign: '*' };
  if (word === 'of' && last?.kind === 'number' && last.isPercent)
    return { kind: 'operator', sign: '*' };
  const sign = OPERATORS.get(word);
  if (sign) return { kind: 'operator', sign };
  if (piece === '(') return { kind: 'open' };
  if (piece === ')') return { kind: 'close' };
  if (EQUALS.has(word))
    return { kind: 'equals', isRounded: piece === '≈', isWord: /\p{L}/u.test(piece) };
  return { kind: 'break', isLetter: /[\p{L}\p{N}_]/u.test(piece) };
}
