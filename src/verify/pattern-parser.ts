/** Code points, both ends included. */
export type Ranges = readonly (readonly [low: number, high: number])[];

/** A regular expression as a tree. */
export type Part =
  | { readonly kind: 'read'; readonly ranges: Ranges }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Part[] }
  | {
      readonly kind: 'repeat';
      readonly part: Part;
      readonly least: number;
      readonly most: number | undefined;
    };

/** Longest pattern that is read, in characters, and its deepest group. */
const LONGEST = 2000;
const DEEPEST = 30;
const LAST = 0x10ffff;

const DIGITS: Ranges = [[48, 57]];
const WORDS: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** ECMA-262: WhiteSpace and LineTerminator. */
const BLANKS: Ranges = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_ENDS: Ranges = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
];
const CLASSES: ReadonlyMap<string, Ranges> = new Map([
  ['d', DIGITS],
  ['D', others(DIGITS)],
  ['w', WORDS],
  ['W', others(WORDS)],
  ['s', BLANKS],
  ['S', others(BLANKS)],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
]);

/** Thrown within this file alone, where the pattern has something that is not read here. */
class Unread extends Error {}

/** The tree of a pattern (ECMA-262, flag `u`); undefined for what is not read here, wrong ones too. */
export function parsePattern(pattern: string): Part | undefined {
  if (pattern.length > LONGEST) return undefined;
  try {
    return new PatternParser([...pattern]).parse();
  } catch (error) {
    if (error instanceof Unread) return undefined;
    throw error;
  }
}

class PatternParser {
  readonly #signs: readonly string[];
  #at = 0;

  constructor(signs: readonly string[]) {
    this.#signs = signs;
  }

  parse(): Part {
    const part = this.#choice(0);
    if (this.#at < this.#signs.length) throw new Unread();
    return part;
  }

  #take(sign: string): boolean {
    if (this.#signs[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const sign = this.#signs[this.#at];
    if (sign === undefined) throw new Unread();
    this.#at += 1;
    return sign;
  }

  #choice(depth: number): Part {
    if (depth > DEEPEST) throw new Unread();
    const parts = [this.#sequence(depth)];
    while (this.#take('|')) parts.push(this.#sequence(depth));
    return parts.length === 1 ? (parts[0] as Part) : { kind: 'choice', parts };
  }

  #sequence(depth: number): Part {
    const parts: Part[] = [];
    while (this.#at < this.#signs.length && !'|)'.includes(this.#signs[this.#at] ?? ''))
      parts.push(this.#repeated(depth));
    return { kind: 'sequence', parts };
  }

  #repeated(depth: number): Part {
    const part = this.#atom(depth);
    const bounds = this.#bounds();
    if (bounds === undefined) return part;
    // How greedy it is decides what is captured, never whether it matches.
    this.#take('?');
    if (part.kind === 'start' || part.kind === 'end') throw new Unread();
    return { kind: 'repeat', part, ...bounds };
  }

  #bounds(): { least: number; most: number | undefined } | undefined {
    if (this.#take('*')) return { least: 0, most: undefined };
    if (this.#take('+')) return { least: 1, most: undefined };
    if (this.#take('?')) return { least: 0, most: 1 };
    if (!this.#take('{')) return undefined;
    const least = this.#number();
    if (least === undefined) throw new Unread();
    const most = this.#take(',') ? this.#number() : least;
    if (!this.#take('}') || (most !== undefined && most < least)) throw new Unread();
    return { least, most };
  }

  #number(): number | undefined {
    const from = this.#at;
    while (/^[0-9]$/.test(this.#signs[this.#at] ?? '')) this.#at += 1;
    if (this.#at - from > 4) throw new Unread();
    return this.#at === from ? undefined : Number(this.#signs.slice(from, this.#at).join(''));
  }

  #atom(depth: number): Part {
    const sign = this.#next();
    if (sign === '^') return { kind: 'start' };
    if (sign === '$') return { kind: 'end' };
    if (sign === '.') return { kind: 'read', ranges: others(LINE_ENDS) };
    if (sign === '[') return { kind: 'read', ranges: this.#class() };
    if (sign === '\\') return { kind: 'read', ranges: this.#escape() };
    if (sign === '(') {
      if (this.#take('?') && !this.#take(':')) throw new Unread();
      const part = this.#choice(depth + 1);
      if (!this.#take(')')) throw new Unread();
      return part;
    }
    if ('*+?{}]'.includes(sign)) throw new Unread();
    return { kind: 'read', ranges: only(sign) };
  }

  #class(): Ranges {
    const isNegated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take(']')) {
      const first = this.#member();
      if (this.#signs[this.#at] !== '-' || this.#signs[this.#at + 1] === ']') {
        ranges.push(...first);
        continue;
      }
      this.#at += 1;
      const low = single(first);
      const high = single(this.#member());
      if (low > high) throw new Unread();
      ranges.push([low, high]);
    }
    return isNegated ? others(ranges) : ranges;
  }

  #member(): Ranges {
    const sign = this.#next();
    return sign === '\\' ? this.#escape(true) : only(sign);
  }

  #escape(isInClass = false): Ranges {
    const sign = this.#next();
    const named = CLASSES.get(sign);
    if (named !== undefined) return named;
    const control = CONTROLS.get(sign);
    if (control !== undefined) return [[control, control]];
    if (sign === 'x') return this.#hexadecimal(2);
    if (sign === 'u') return this.#hexadecimal(4);
    if ('^$\\.*+?()[]{}|/'.includes(sign) || (isInClass && sign === '-')) return only(sign);
    throw new Unread();
  }

  #hexadecimal(length: number): Ranges {
    const digits = this.#signs.slice(this.#at, this.#at + length).join('');
    if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length !== length) throw new Unread();
    this.#at += length;
    const code = Number.parseInt(digits, 16);
    // Halves of pairs join with what follows them.
    if (code >= 0xd800 && code <= 0xdfff) throw new Unread();
    return [[code, code]];
  }
}

function only(sign: string): Ranges {
  const code = sign.codePointAt(0) ?? 0;
  return [[code, code]];
}

function single(ranges: Ranges): number {
  const [first, second] = ranges;
  if (first === undefined || second !== undefined || first[0] !== first[1]) throw new Unread();
  return first[0];
}

/** Every code point that is in none of the ranges. */
function others(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const rest: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of sorted) {
    if (low > from) rest.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= LAST) rest.push([from, LAST]);
  return rest;
}
