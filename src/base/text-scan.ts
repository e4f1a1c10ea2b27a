import { CLAUSE_WORDS, WORD_KINDS } from './word-kinds.ts';

/** What tokens are handed to: a running hash of the token and its kind, length and last letters. */
export interface TokenSink {
  onWord(hash: number, start: number, end: number): void;
  /** Numbers count by their form: digits before the point, and whether there is a point. */
  onNumber(hash: number): void;
  /** A sign, or a character of a script without spaces. */
  onSign(code: number): void;
}

const SPACE = 0;
const LETTER = 1;
const DIGIT = 2;
const SIGN = 3;
/** A character of a script that writes words without spaces. */
const LOGOGRAM = 4;

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code <= 32 || code === 127) return SPACE;
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return LETTER;
  return code >= 48 && code <= 57 ? DIGIT : SIGN;
});

const CODE_MARKS = Uint8Array.from({ length: 128 }, (_, code) =>
  '{}[]();=<>_'.includes(String.fromCharCode(code)) ? 1 : 0,
);

const FNV_START = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const OPTION_MOST = 10;
const NUMBERS_KEPT = 64;
/** Numbers beyond this are all alike. */
const LARGEST = 1e15;

function kindOf(code: number): number {
  if (code < 128) return KINDS[code] as number;
  if (code === 0xa0 || (code >= 0x2000 && code <= 0x200d) || code === 0x3000) return SPACE;
  if (code >= 0x3040 && code <= 0x9fff) return LOGOGRAM;
  if (code >= 0xf900 && code <= 0xfaff) return LOGOGRAM;
  if (code >= 0x0e00 && code <= 0x0eff) return LOGOGRAM;
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return SIGN;
  if ((code >= 0x2010 && code <= 0x2bff) || (code >= 0x3001 && code <= 0x303f)) return SIGN;
  return code >= 0xff01 && code <= 0xff65 ? SIGN : LETTER;
}

/** Counts of one text, gathered in one pass; the text must be in lower case. */
export class TextScan {
  words = 0;
  letters = 0;
  logograms = 0;
  lines = 1;
  sentences = 0;
  numbers = 0;
  decimals = 0;
  largest = 0;
  codeMarks = 0;
  mathMarks = 0;
  questions = 0;
  percents = 0;
  slashes = 0;
  commas = 0;
  quotes = 0;
  foreign = 0;
  negations = 0;
  relations = 0;
  asks = 0;
  readonly numberHashes = new Set<number>();
  readonly optionStarts: number[] = [];
  numericOptions = 0;
  lastLineStart = 0;
  readonly #text: string;
  readonly #sink: TokenSink;

  constructor(text: string, sink: TokenSink) {
    this.#text = text;
    this.#sink = sink;
  }

  run(): void {
    const text = this.#text;
    let at = 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      const kind = kindOf(code);
      if (kind === LETTER) at = this.#word(at);
      else if (kind === DIGIT) at = this.#number(at);
      else {
        if (kind === SPACE) {
          if (code === 10) this.#line(at);
        } else if (kind === LOGOGRAM) this.#logogram(code);
        else this.#sign(code, at);
        at += 1;
      }
    }
  }

  #line(at: number): void {
    this.lines += 1;
    if (at + 1 < this.#text.length) this.lastLineStart = at + 1;
  }

  #word(start: number): number {
    const text = this.#text;
    let at = start;
    let hash = FNV_START;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const joins =
        code === 39 && at + 1 < text.length && kindOf(text.charCodeAt(at + 1)) === LETTER;
      if (!joins && kindOf(code) !== LETTER) break;
      if (code >= 128) this.foreign += 1;
      hash = Math.imul(hash ^ code, FNV_PRIME);
    }
    if (at - start === 1) this.#option(start);
    const kinds = WORD_KINDS.get(hash);
    if (kinds !== undefined) this.#count(kinds);
    this.words += 1;
    this.letters += at - start;
    this.#sink.onWord(hash, start, at);
    return at;
  }

  #count(kind: number): void {
    if (kind === CLAUSE_WORDS.negation) this.negations += 1;
    else if (kind === CLAUSE_WORDS.relation) this.relations += 1;
    else if (this.words === 0) this.asks = 1;
  }

  /** Single letters a, b, c … in their order, each followed by `)`, `.` or `:`, are options. */
  #option(at: number): void {
    const text = this.#text;
    const count = this.optionStarts.length;
    if (count >= OPTION_MOST || text.charCodeAt(at) !== 97 + count) return;
    const next = text.charCodeAt(at + 1);
    if (next !== 41 && next !== 46 && next !== 58) return;
    const before = at === 0 ? 10 : text.charCodeAt(at - 1);
    if (before !== 10 && before !== 32 && before !== 40) return;
    this.optionStarts.push(at + 2);
    const first = text.charCodeAt(at + 2) === 32 ? at + 3 : at + 2;
    const code = text.charCodeAt(first);
    if ((code >= 48 && code <= 57) || code === 45 || code === 36) this.numericOptions += 1;
  }

  #number(start: number): number {
    const text = this.#text;
    let at = start;
    let whole = 0;
    let value = 0;
    let hasPoint = false;
    let hash = FNV_START;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) {
        if (!hasPoint) {
          whole += 1;
          value = value * 10 + code - 48;
        }
        hash = Math.imul(hash ^ code, FNV_PRIME);
        continue;
      }
      if (code !== 46 && code !== 44) break;
      const next = text.charCodeAt(at + 1);
      if (!(next >= 48 && next <= 57)) break;
      if (code === 46) hasPoint = true;
    }
    this.numbers += 1;
    if (hasPoint) this.decimals += 1;
    this.largest = Math.min(LARGEST, Math.max(this.largest, value));
    if (this.numberHashes.size < NUMBERS_KEPT) this.numberHashes.add(hash);
    this.#sink.onNumber(Math.min(whole, 6) * 2 + (hasPoint ? 1 : 0));
    return at;
  }

  #logogram(code: number): void {
    this.logograms += 1;
    this.words += 1;
    this.letters += 1;
    this.foreign += 1;
    const kinds = WORD_KINDS.get(Math.imul(FNV_START ^ code, FNV_PRIME));
    if (kinds !== undefined) this.#count(kinds);
    this.#sink.onSign(code);
  }

  #sign(code: number, at: number): void {
    this.#sink.onSign(code);
    switch (code) {
      case 46:
      case 33:
      case 63: {
        const next = at + 1 < this.#text.length ? this.#text.charCodeAt(at + 1) : 32;
        if (next <= 32) this.sentences += 1;
        if (code === 63) this.questions += 1;
        return;
      }
      case 0x3002:
      case 0xff01:
      case 0xff1f:
        this.sentences += 1;
        if (code === 0xff1f) this.questions += 1;
        return;
      case 44:
      case 0xff0c:
      case 0x3001:
        this.commas += 1;
        return;
      case 34:
      case 39:
      case 0x2018:
      case 0x2019:
      case 0x201c:
      case 0x201d:
        this.quotes += 1;
        return;
      default:
        this.#mark(code);
    }
  }

  #mark(code: number): void {
    if (code === 37) this.percents += 1;
    else if (code === 47) this.slashes += 1;
    else if (code === 36 || code === 92 || code === 94) this.mathMarks += 1;
    else if (code < 128 && CODE_MARKS[code] === 1) this.codeMarks += 1;
  }
}
