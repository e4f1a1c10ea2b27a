import type { ChatRequest } from '../core/chat.ts';
import { type Excerpt, takeExcerpt } from './excerpt.ts';
import { countKinds, isQuestionWord, JOB_BITS, OPENERS } from './job-verbs.ts';

/** What can be seen of a request without understanding it. Counts, or shares 0 … 1. */
export interface SurfaceFeatures {
  /** UTF-16 units of the whole last user message. */
  readonly characters: number;
  readonly words: number;
  readonly lines: number;
  /** Ends of sentences: a full stop, exclamation or question mark before a space or the end. */
  readonly sentences: number;
  readonly numbers: number;
  /** Share of digits. */
  readonly digits: number;
  /** Share of braces, brackets, semicolons and the like. */
  readonly codeMarks: number;
  /** Dollar signs, backslashes and carets: formulas. */
  readonly mathMarks: number;
  readonly questionMarks: number;
  /** 1 when the first word asks (what, is, can …). */
  readonly questionForm: number;
  /** Length of the run A, B, C … of answer options. */
  readonly options: number;
  /** Lines that begin with a number or a bullet. */
  readonly steps: number;
  /** Different kinds of orders (summarise, write, translate …). */
  readonly jobs: number;
  /** Numbered orders, 1. … 2. … 3. …, on lines of their own or within one. */
  readonly numberedJobs: number;
  /** Share of letters beyond ASCII: a hint at the language. */
  readonly foreignLetters: number;
  /** Messages of the conversation. */
  readonly turns: number;
  readonly tools: number;
  readonly schema: number;
  readonly images: number;
}

/** Features and the text they were taken from. Linear in at most 16 KB of text. */
export interface Surface {
  readonly features: SurfaceFeatures;
  readonly excerpt: Excerpt;
}

/** 7 µs for 1 KB of English text (bench/gate-decide.ts). */
export function readSurface(request: ChatRequest): Surface {
  const excerpt = takeExcerpt(request);
  const scan = new Scan(excerpt.text);
  scan.run();
  return surfaceOf(request, excerpt, scan);
}

/** What stands beside the text: turns, tools, images. The text itself counts as empty. */
export function readForm(request: ChatRequest): Surface {
  return surfaceOf(request, { text: '', system: '', length: 0 }, new Scan(''));
}

function surfaceOf(request: ChatRequest, excerpt: Excerpt, scan: Scan): Surface {
  const { text } = excerpt;
  const size = Math.max(1, text.length);
  const format = request.responseFormat?.type ?? 'text';
  return {
    excerpt,
    features: {
      characters: excerpt.length,
      words: scan.words,
      lines: scan.lines,
      sentences: scan.sentences,
      numbers: scan.numbers,
      digits: scan.digits / size,
      codeMarks: scan.codeMarks / size,
      mathMarks: scan.mathMarks,
      questionMarks: scan.questionMarks,
      questionForm: scan.questionForm,
      options: scan.options,
      steps: scan.steps,
      jobs: countKinds(scan.jobBits),
      numberedJobs: scan.numberedJobs,
      foreignLetters: scan.foreignLetters / size,
      turns: request.messages.length,
      tools: request.tools?.length ?? 0,
      schema: format === 'text' ? 0 : 1,
      images: countImages(request),
    },
  };
}

function countImages(request: ChatRequest): number {
  let count = 0;
  for (const message of request.messages) {
    for (const part of message.content) if (part.type === 'image') count += 1;
  }
  return count;
}

const NEWLINE = 10;
const SPACE = 32;
/** What a character is; one look-up instead of a chain of comparisons. */
const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const CODE = 3;
const MATH = 4;
const CLAUSE_END = 5;
const KIND_OF = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z']/.test(character)) return LETTER;
  if (/\d/.test(character)) return DIGIT;
  if (/[{}[\]();=<>_]/.test(character)) return code === 59 ? CLAUSE_END : CODE;
  if (/[$\\^]/.test(character)) return MATH;
  return /[.:,!?\n]/.test(character) ? CLAUSE_END : OTHER;
});

/** `.`, `!` and `?`. */
const ENDS: ReadonlySet<number> = new Set([46, 33, 63]);

/** Space, line end, closing quotation mark or the end of the text (NaN). */
function isGap(code: number): boolean {
  return !(code > SPACE) || code === 34 || code === 0x201d;
}

/** One pass over the text. */
class Scan {
  words = 0;
  lines = 1;
  sentences = 0;
  numbers = 0;
  digits = 0;
  codeMarks = 0;
  mathMarks = 0;
  questionMarks = 0;
  questionForm = 0;
  options = 0;
  steps = 0;
  jobBits = 0;
  numberedJobs = 0;
  foreignLetters = 0;
  readonly #text: string;
  #wordStart = -1;
  #atClauseStart = true;
  #atLineStart = true;
  #inNumber = false;
  /** The word after the next number in the row 1, 2, 3 … is being looked for. */
  #inNumbered = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    const text = this.#text;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const kind = code < 128 ? (KIND_OF[code] ?? OTHER) : LETTER;
      if (kind !== LETTER && this.#wordStart >= 0) this.#endWord(at);
      if (kind === DIGIT) this.#seeDigit(at);
      else {
        this.#inNumber = false;
        if (kind === LETTER) this.#seeLetter(at, code);
        else if (kind !== OTHER) this.#seeMark(at, code, kind);
        else if (this.#atLineStart && code !== SPACE) this.#seeBullet(at, code);
      }
      if (code === NEWLINE) this.#atLineStart = true;
      else if (code !== SPACE) this.#atLineStart = false;
    }
    if (this.#wordStart >= 0) this.#endWord(text.length);
  }

  #seeLetter(at: number, code: number): void {
    if (code >= 128) this.foreignLetters += 1;
    if (this.#wordStart >= 0) return;
    this.#wordStart = at;
    // Letters A … H in their order, each followed by `)`, `.` or `:`, are answer options.
    const next = this.#text.charCodeAt(at + 1);
    const isMarked = next === 41 || next === 46 || next === 58;
    if (isMarked && (code | 32) === 97 + this.options && this.options < 8) this.options += 1;
  }

  #seeDigit(at: number): void {
    this.digits += 1;
    if (this.#inNumber) return;
    this.#inNumber = true;
    this.numbers += 1;
    const next = this.#text.charCodeAt(at + 1);
    if (next !== 41 && next !== 46) return;
    if (
      this.#text.charCodeAt(at) - 49 === this.numberedJobs &&
      this.#text.charCodeAt(at + 2) === SPACE
    ) {
      this.#inNumbered = true;
      this.#atClauseStart = true;
    }
    if (this.#atLineStart) this.steps += 1;
  }

  #seeBullet(at: number, code: number): void {
    const isBullet = code === 45 || code === 42;
    if (isBullet && this.#text.charCodeAt(at + 1) === SPACE) {
      this.steps += 1;
      this.#atClauseStart = true;
    }
  }

  #seeMark(at: number, code: number, kind: number): void {
    if (kind === CODE) this.codeMarks += 1;
    else if (kind === MATH) this.mathMarks += 1;
    else {
      this.#atClauseStart = true;
      if (code === 59) this.codeMarks += 1;
      else if (code === NEWLINE) this.lines += 1;
      else if (ENDS.has(code) && isGap(this.#text.charCodeAt(at + 1))) this.sentences += 1;
      if (code === 63) this.questionMarks += 1;
    }
  }

  #endWord(end: number): void {
    const start = this.#wordStart;
    const length = end - start;
    this.#wordStart = -1;
    this.words += 1;
    if (!this.#atClauseStart) {
      // `and`, `then`: a clause may start after them.
      if (length === 3 && this.#text.startsWith('and', start)) this.#atClauseStart = true;
      else if (length === 4 && this.#text.startsWith('then', start)) this.#atClauseStart = true;
      return;
    }
    if (length > 12) {
      this.#atClauseStart = false;
      return;
    }
    const word = this.#text.slice(start, end).toLowerCase();
    if (this.words === 1 && isQuestionWord(word)) this.questionForm = 1;
    const job = JOB_BITS.get(word) ?? 0;
    this.jobBits |= job;
    if (this.#inNumbered && job !== 0) this.numberedJobs += 1;
    this.#inNumbered = false;
    this.#atClauseStart = OPENERS.has(word);
  }
}
