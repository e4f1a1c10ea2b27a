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
const CLAUSES_MOST = 6;
const WORD_LONGEST = 24;
/** A courteous clause may hold one word that nobody knows for each of so many that are known. */
const KNOWN_PER_STRANGER = 4;

/** A text in lower case without the courtesy at its ends. */
export function withoutCourtesy(text: string): string {
  const { from, to } = beyondCourtesy(text);
  return text.slice(from, to);
}

/**
 * Where a text in lower case lies between the greetings, thanks and "could you please" at its ends, so
 * that how politely something is asked does not change what it looks like. A clause is courtesy when
 * nearly all of its words are courteous or say nothing, and one is courteous; so are clauses that say
 * nothing before a courteous one. A text of nothing else stays whole. Looks at a few words of each
 * end, however long the text is.
 */
export function beyondCourtesy(text: string): { readonly from: number; readonly to: number } {
  const first = spaceAfter(text, 0);
  const from = beginningOf(text, first);
  const to = endOf(text, from);
  return to <= from ? { from: first, to: spaceBefore(text, text.length) } : { from, to };
}

/** Where the text begins behind courtesy; the whole text is at least one clause. */
function beginningOf(text: string, first: number): number {
  let from = first;
  let at = first;
  for (let clause = 0; clause < CLAUSES_MOST; clause += 1) {
    const next = pastClause(text, at) ?? pastLogograms(text, at);
    if (next === undefined || next.at >= text.length) return from;
    at = next.at;
    if (next.isCourteous) from = at;
  }
  return from;
}

interface Edge {
  readonly at: number;
  /** False: the clause says nothing, and counts only with a courteous one further in. */
  readonly isCourteous: boolean;
}

/** What has been seen of a clause. */
class Clause {
  isCourteous = false;
  #known = 0;
  #strangers = 0;

  add(name: string): void {
    // French writes "m'aider" in one word.
    const bare = name.charAt(1) === "'" ? name.slice(2) : name;
    const isCourteous = COURTEOUS.has(name) || COURTEOUS.has(bare);
    if (isCourteous) this.isCourteous = true;
    if (isCourteous || FILLING.has(name)) this.#known += 1;
    else this.#strangers += 1;
  }

  /** Whether it can still turn out as courtesy, one stranger ahead. */
  get isHopeless(): boolean {
    return this.#strangers > 1 + this.#known / KNOWN_PER_STRANGER;
  }

  get saysNothing(): boolean {
    return this.#known > 0 && this.#strangers * KNOWN_PER_STRANGER <= this.#known;
  }

  get hasStrangers(): boolean {
    return this.#strangers > 0;
  }
}

/** Behind the clause, or behind the polite words that lead it. */
function pastClause(text: string, from: number): Edge | undefined {
  const clause = new Clause();
  let at = isInverted(text.charCodeAt(from)) ? from + 1 : from;
  let polite: Edge | undefined;
  for (let word = 0; word < WORDS_MOST; word += 1) {
    const end = wordEnd(text, at);
    if (end === at) return edgeOf(clause, pastMarks(text, at)) ?? polite;
    const name = nameOf(text, at, end);
    clause.add(name);
    if (clause.isHopeless) return polite;
    at = pastJoint(text, end);
    const leads = PARTICLES.has(name) || (word === 0 && OPENING.has(name));
    if (leads && !clause.hasStrangers) polite = { at, isCourteous: true };
  }
  return polite;
}

function edgeOf(clause: Clause, at: number | undefined): Edge | undefined {
  if (at === undefined || !clause.saysNothing) return undefined;
  return { at, isCourteous: clause.isCourteous };
}

/** Behind what parts two clauses; undefined where something else stands, a number or a formula. */
function pastMarks(text: string, from: number): number | undefined {
  let at = from;
  while (at < text.length && isMark(text.charCodeAt(at))) at = spaceAfter(text, at + 1);
  return at > from || at >= text.length ? at : undefined;
}

/** Behind the space between two words, or the hyphen within one. */
function pastJoint(text: string, from: number): number {
  const isHyphen = text.charCodeAt(from) === 45 && isLetter(text.charCodeAt(from + 1));
  return isHyphen ? from + 1 : spaceAfter(text, from);
}

function pastLogograms(text: string, from: number): Edge | undefined {
  const found = COURTEOUS_BEGINNINGS.find((one) => text.startsWith(one, from));
  if (found === undefined) return undefined;
  const end = from + found.length;
  return { at: pastMarks(text, end) ?? end, isCourteous: true };
}

/** Where the text ends before courtesy. */
function endOf(text: string, from: number): number {
  let to = spaceBefore(text, text.length);
  let at = to;
  for (let clause = 0; clause < CLAUSES_MOST; clause += 1) {
    const next = beforeClause(text, at, from) ?? beforeLogograms(text, at);
    if (next === undefined || next.at <= from) return to;
    at = next.at;
    if (next.isCourteous) to = at;
  }
  return to;
}

/** Before the clause that ends at `to`, or before the thanks that close it. */
function beforeClause(text: string, to: number, from: number): Edge | undefined {
  const clause = new Clause();
  let at = beforeMarks(text, to);
  let polite: Edge | undefined;
  for (let word = 0; word < WORDS_MOST && at > from; word += 1) {
    const start = wordStart(text, at);
    // Marks that part it from the clause before stay with that clause.
    if (start === at)
      return (isMark(text.charCodeAt(at - 1)) ? edgeOf(clause, at) : undefined) ?? polite;
    const name = nameOf(text, start, at);
    clause.add(name);
    if (clause.isHopeless) return polite;
    const before = beforeJoint(text, start);
    const isBroken = text.slice(before, start).includes('\n');
    const opens = OPENING.has(name) || (word === 0 && PARTICLES.has(name));
    if (opens && clause.saysNothing) polite = { at: before, isCourteous: true };
    if (isBroken) return edgeOf(clause, before) ?? polite;
    at = before;
  }
  return polite;
}

function beforeMarks(text: string, to: number): number {
  let at = to;
  while (at > 0 && isMark(text.charCodeAt(at - 1))) at = spaceBefore(text, at - 1);
  return at;
}

function beforeJoint(text: string, to: number): number {
  const isHyphen = text.charCodeAt(to - 1) === 45 && isLetter(text.charCodeAt(to - 2));
  return isHyphen ? to - 1 : spaceBefore(text, to);
}

function beforeLogograms(text: string, to: number): Edge | undefined {
  const end = beforeMarks(text, to);
  const found = COURTEOUS_ENDINGS.find((one) => text.startsWith(one, end - one.length));
  if (found === undefined) return undefined;
  return { at: spaceBefore(text, end - found.length), isCourteous: true };
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

/** What opens a Spanish question or exclamation. */
function isInverted(code: number): boolean {
  return code === 0xbf || code === 0xa1;
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
