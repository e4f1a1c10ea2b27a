import { ENDING, NEVER_LAST, NUMBERED, STARTERS } from './abbreviations.ts';

/** A place was not decided: the text ends too early. */
export const MORE = -2;
/** The place does not end a sentence. */
export const NO = -1;
/** Characters; a longer one is cut at a space, so that a check of one sentence has a bound. */
export const LONGEST_SENTENCE = 1200;

const CLOSERS = '"\'”’»)]}*_`」』）】》〉';
const OPENERS = '"\'“‘«([{*_`-–—¿¡「『（【《';
const UNSPACED_STOPS = '。！？｡．।॥';
const SPACED_STOPS = '.!?…؟۔';
const LINE_MARK = /^(?:[-*+•–] |\d{1,3}[.)] |#{1,6} |\||>|```|~~~)/;
const WHOLE_LINE = /^[ \t]*(?:#{1,6} |\||```|~~~)/;
const REFERENCE = /^[ \t]{0,2}\[\d{1,3}(?:[ ,;–-]{1,2}\d{1,3})*\]/;
const REFERENCE_BEGUN = /^[ \t]{0,2}(?:\[[\d ,;–-]{0,40})?$/;
const UNSPACED_LETTER = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;
const LONGEST_MARK = 8;

export function isSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code <= 0x20 || code === 0xa0 || code === 0x3000 || (code > 0x1fff && code < 0x200b);
}

/** End of a sentence after the line break at `index`, or NO or MORE. */
export function afterNewline(text: string, start: number, index: number, isFinal: boolean): number {
  const next = skipSpace(text, index + 1);
  if (next >= text.length) return isFinal ? text.length : MORE;
  if (text.slice(index + 1, next).includes('\n')) return next;
  const lineStart = Math.max(start, text.lastIndexOf('\n', index - 1) + 1);
  if (WHOLE_LINE.test(text.slice(lineStart, Math.min(index, lineStart + 40)))) return next;
  const head = text.slice(next, next + LONGEST_MARK);
  if (LINE_MARK.test(head)) return next;
  return head.length < LONGEST_MARK && !isFinal ? MORE : NO;
}

/** End of a sentence after the full stop, question mark … at `index`, or NO or MORE. */
export function afterTerminator(
  text: string,
  start: number,
  index: number,
  isFinal: boolean,
): number {
  const open = isFinal ? text.length : MORE;
  let end = index + 1;
  while (end < text.length && (UNSPACED_STOPS + SPACED_STOPS).includes(text[end] ?? '')) end += 1;
  const stops = text.slice(index, end);
  while (end < text.length && CLOSERS.includes(text[end] ?? '')) end += 1;
  if (end >= text.length) return open;
  if ([...stops].some((stop) => UNSPACED_STOPS.includes(stop)))
    return afterUnspaced(text, end, open);
  const referred = skipReferences(text, end, isFinal);
  if (referred === MORE) return MORE;
  if (referred >= text.length) return open;
  if (!isSpace(text, referred))
    return /[!?]/.test(stops) && UNSPACED_LETTER.test(text[referred] ?? '') ? referred : NO;
  const next = skipSpace(text, referred);
  if (next >= text.length) return open;
  if (/\n\s*\n/.test(text.slice(referred, next))) return next;
  return judgeNext(text, { start, index, stops, next, isFinal });
}

interface Place {
  readonly start: number;
  /** Of the first stop. */
  readonly index: number;
  readonly stops: string;
  /** Of the first character after the white space. */
  readonly next: number;
  readonly isFinal: boolean;
}

function judgeNext(text: string, place: Place): number {
  const { next, index, stops, isFinal } = place;
  let letterAt = next;
  while (letterAt < next + 4 && OPENERS.includes(text[letterAt] ?? ' ')) letterAt += 1;
  const letter = String.fromCodePoint(text.codePointAt(letterAt) ?? 0x20);
  if (letterAt >= text.length && !isFinal) return MORE;
  // Only what belongs to the piece counts: a stream no longer has what came before it.
  const isTokenised = index > place.start && isSpace(text, index - 1);
  if (/\p{Ll}/u.test(letter)) return isTokenised && stops === '.' ? next : NO;
  if (/[,;:)\]]/.test(letter)) return NO;
  if (stops !== '.') return next;
  if (isListMark(text, place)) return NO;
  return judgeAbbreviation(text, place, letterAt);
}

function judgeAbbreviation(text: string, place: Place, letterAt: number): number {
  const { index, next, isFinal } = place;
  const before = /[\p{L}.]{1,20}$/u.exec(text.slice(Math.max(place.start, index - 20), index))?.[0];
  if (before === undefined) return next;
  const word = before.toLowerCase();
  if (NEVER_LAST.has(word)) return NO;
  const digitNext = /\p{N}/u.test(text[letterAt] ?? '');
  if (NUMBERED.has(word)) return digitNext ? NO : next;
  const isInitial =
    /^(?:\p{L}\.)*\p{L}$/u.test(before) && (/^\p{Lu}/u.test(before) || before.includes('.'));
  if (!isInitial && !ENDING.has(word)) return next;
  if (word === 'etc') return next;
  const following = /^[\p{L}']{1,12}/u.exec(text.slice(letterAt, letterAt + 12))?.[0] ?? '';
  if (letterAt + following.length >= text.length && !isFinal) return MORE;
  return STARTERS.has(following.toLowerCase()) && !(following === 'A' && isInitial) ? next : NO;
}

/** `1.`, `a.` or `iv.` at the beginning of a piece or of a line numbers an item. */
function isListMark(text: string, { start, index }: Place): boolean {
  const from = Math.max(start, index - LONGEST_MARK);
  const before = text.slice(from, index);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const atLineStart = from === start || line.length < before.length;
  return atLineStart && /^\s*(?:[-*>] )?\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,5})$/.test(line);
}

function afterUnspaced(text: string, end: number, open: number): number {
  // 「…。」と goes on: the quotation is a part of a longer sentence.
  if (/[、，と]/.test(text[end] ?? '') && '」』”'.includes(text[end - 1] ?? ' ')) return NO;
  const next = skipSpace(text, end);
  return next >= text.length ? open : next;
}

/** `[3]` or `[1, 2]` after a full stop belongs to the sentence before it. */
function skipReferences(text: string, from: number, isFinal: boolean): number {
  let end = from;
  for (;;) {
    const rest = text.slice(end, end + 48);
    const match = REFERENCE.exec(rest);
    if (match === null) return !isFinal && REFERENCE_BEGUN.test(rest) ? MORE : end;
    end += match[0].length;
  }
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && isSpace(text, index)) index += 1;
  return index;
}
