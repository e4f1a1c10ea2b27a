import {
  COURTEOUS,
  COURTEOUS_BEGINNINGS,
  COURTEOUS_ENDINGS,
  FILLING,
  OPENING,
  PARTICLES,
} from './courtesy-words.ts';

/** Words of a clause that may be courtesy, clauses of it at each end, and units of a word that are read. */
const WORDS_MOST = 16;
const CLAUSES_MOST = 5;
const WORD_LONGEST = 24;

/**
 * A text in lower case without the greetings, thanks and "could you please" at its ends, so that how
 * politely something is asked does not change what it looks like. A clause is courtesy when each of
 * its words is courteous or says nothing, and one is courteous. A text of nothing else stays whole.
 * Looks at a few words of each end, however long the text is.
 */
export function withoutCourtesy(text: string): string {
  const from = beginningOf(text, spaceAfter(text, 0));
  const to = endOf(text, from);
  return to <= from ? text.trim() : text.slice(from, to);
}

/** Where the text begins behind courtesy; the whole text is at least one clause. */
function beginningOf(text: string, first: number): number {
  let from = first;
  for (let clause = 0; clause < CLAUSES_MOST; clause += 1) {
    const next = pastClause(text, from) ?? pastLogograms(text, from);
    if (next === undefined || next >= text.length) return from;
    from = next;
  }
  return from;
}

/** Behind the clause, or behind the polite words that lead it. */
function pastClause(text: string, from: number): number | undefined {
  let at = from;
  let isCourteous = false;
  let polite: number | undefined;
  for (let word = 0; word < WORDS_MOST; word += 1) {
    const end = wordEnd(text, at);
    if (end === at) return isCourteous ? pastMarks(text, at) : polite;
    const name = nameOf(text, at, end);
    const isWord = COURTEOUS.has(name);
    if (!isWord && !FILLING.has(name)) return polite;
    if (isWord) isCourteous = true;
    at = spaceAfter(text, end);
    if (PARTICLES.has(name) || (word === 0 && OPENING.has(name))) polite = at;
  }
  return polite;
}

/** Behind what parts two clauses; undefined where something else stands, a number or a formula. */
function pastMarks(text: string, from: number): number | undefined {
  let at = from;
  while (at < text.length && isMark(text.charCodeAt(at))) at = spaceAfter(text, at + 1);
  return at > from || at >= text.length ? at : undefined;
}

function pastLogograms(text: string, from: number): number | undefined {
  const found = COURTEOUS_BEGINNINGS.find((one) => text.startsWith(one, from));
  if (found === undefined) return undefined;
  const end = from + found.length;
  return pastMarks(text, end) ?? end;
}

/** Where the text ends before courtesy. */
function endOf(text: string, from: number): number {
  let to = spaceBefore(text, text.length);
  for (let clause = 0; clause < CLAUSES_MOST; clause += 1) {
    const next = beforeClause(text, to, from) ?? beforeLogograms(text, to);
    if (next === undefined || next <= from) return to;
    to = next;
  }
  return to;
}

/** Before the clause that ends at `to`, or before the thanks that close it. */
function beforeClause(text: string, to: number, from: number): number | undefined {
  let at = beforeMarks(text, to);
  let isCourteous = false;
  let polite: number | undefined;
  for (let word = 0; word < WORDS_MOST && at > from; word += 1) {
    const start = wordStart(text, at);
    // Marks that part it from the clause before stay with that clause.
    if (start === at) return isCourteous && isMark(text.charCodeAt(at - 1)) ? at : polite;
    const name = nameOf(text, start, at);
    const isWord = COURTEOUS.has(name);
    if (!isWord && !FILLING.has(name)) return polite;
    if (isWord) isCourteous = true;
    const before = spaceBefore(text, start);
    const isBroken = text.slice(before, start).includes('\n');
    if (OPENING.has(name) || (word === 0 && PARTICLES.has(name)) || (isBroken && isCourteous))
      polite = before;
    if (isBroken) return polite;
    at = before;
  }
  return polite;
}

function beforeMarks(text: string, to: number): number {
  let at = to;
  while (at > 0 && isMark(text.charCodeAt(at - 1))) at = spaceBefore(text, at - 1);
  return at;
}

function beforeLogograms(text: string, to: number): number | undefined {
  const end = beforeMarks(text, to);
  const found = COURTEOUS_ENDINGS.find((one) => text.startsWith(one, end - one.length));
  return found === undefined ? undefined : spaceBefore(text, end - found.length);
}

/** The word with a straight apostrophe. */
function nameOf(text: string, from: number, to: number): string {
  return text.slice(from, to).replace('’', "'");
}

function wordEnd(text: string, from: number): number {
  let at = from;
  const most = Math.min(text.length, from + WORD_LONGEST);
  while (at < most && isLetter(text.charCodeAt(at))) at += 1;
  return at;
}

function wordStart(text: string, to: number): number {
  let at = to;
  const least = Math.max(0, to - WORD_LONGEST);
  while (at > least && isLetter(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Letters of scripts with spaces, and the apostrophe. */
function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || code === 39;
  return code === 0x2019 || (code >= 0xc0 && code < 0x2000);
}

/** Full stop, comma, colon, semicolon, exclamation and question mark, dash, brackets of smileys, and their wide forms. */
function isMark(code: number): boolean {
  if (code < 128) return '.,:;!?-)('.includes(String.fromCharCode(code));
  if (code >= 0x2010 && code <= 0x2026) return code <= 0x2015 || code === 0x2026;
  return code === 0x3002 || code === 0x3001 || (code >= 0xff01 && code <= 0xff1f);
}

function spaceAfter(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 32) at += 1;
  return at;
}

function spaceBefore(text: string, to: number): number {
  let at = to;
  while (at > 0 && text.charCodeAt(at - 1) <= 32) at -= 1;
  return at;
}
