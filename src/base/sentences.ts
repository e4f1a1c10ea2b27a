import {
  afterNewline,
  afterTerminator,
  isSpace,
  LONGEST_SENTENCE,
  MORE,
} from './sentence-rules.ts';

export interface Sentence {
  readonly text: string;
  /** Character offsets [start, end) in the text that was split. */
  readonly start: number;
  readonly end: number;
}

/**
 * Sentences with exact offsets, without the white space around them; every non-space character of
 * the text is in exactly one sentence. Rules, not a model: linear time, the same result for the
 * same text whether it comes at once or as a stream. A sentence is at most 1,200 characters.
 */
export function splitSentences(text: string): Sentence[] {
  const found: Sentence[] = [];
  let start = 0;
  while (start < text.length) {
    const boundary = findBoundary(text, start, start, true);
    const piece = text.slice(start, boundary);
    const trimmed = piece.trim();
    if (trimmed !== '') {
      const from = start + piece.indexOf(trimmed);
      found.push({ text: trimmed, start: from, end: from + trimmed.length });
    }
    start = boundary;
  }
  return found;
}

/**
 * Cuts a stream into sentences as soon as each is certain to be complete. The pieces keep their
 * white space: all pieces joined equal all input joined.
 */
export class SentenceSplitter {
  #buffer = '';
  /** Nothing before this place of the buffer can end the sentence any more. */
  #scanned = 0;

  /** Sentences that this text completed, each with the white space after it. */
  push(delta: string): string[] {
    this.#buffer += delta;
    return this.#cut(false);
  }

  /** What is left; the splitter is empty and usable afterwards. */
  flush(): string[] {
    return this.#cut(true);
  }

  #cut(isFinal: boolean): string[] {
    const pieces: string[] = [];
    let start = 0;
    let from = this.#scanned;
    while (start < this.#buffer.length) {
      const boundary = findBoundary(this.#buffer, start, from, isFinal);
      if (boundary < 0) {
        from = ~boundary;
        break;
      }
      pieces.push(this.#buffer.slice(start, boundary));
      start = boundary;
      from = boundary;
    }
    this.#buffer = this.#buffer.slice(start);
    this.#scanned = from - start;
    return pieces;
  }
}

/** End of the piece that begins at `start`, or `~place` to go on from when more text is there. */
function findBoundary(text: string, start: number, from: number, isFinal: boolean): number {
  let index = from;
  if (from === start) {
    while (index < text.length && isSpace(text, index)) index += 1;
    if (index === text.length) return isFinal ? index : ~start;
  }
  for (; index < text.length; index += 1) {
    if (index - start >= LONGEST_SENTENCE) return cutLong(text, start);
    const code = text.charCodeAt(index);
    let end: number;
    if (code === 0x0a) end = afterNewline(text, start, index, isFinal);
    else if (isTerminator(code)) end = afterTerminator(text, start, index, isFinal);
    else continue;
    if (end === MORE) return ~index;
    if (end > index) return end;
  }
  return isFinal ? index : ~index;
}

function isTerminator(code: number): boolean {
  if (code < 0x80) return code === 0x2e || code === 0x21 || code === 0x3f;
  return '…。！？｡．؟۔।॥'.includes(String.fromCharCode(code));
}

function cutLong(text: string, start: number): number {
  const limit = start + LONGEST_SENTENCE;
  for (let index = limit; index > start + LONGEST_SENTENCE / 2; index -= 1)
    if (isSpace(text, index - 1)) return index;
  const isPair = /[\ud800-\udbff]/.test(text[limit - 1] ?? '');
  return isPair ? limit - 1 : limit;
}
