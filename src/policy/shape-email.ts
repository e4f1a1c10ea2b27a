import {
  type CharacterSource,
  isAlphanumeric,
  isDigit,
  isLetter,
  type Span,
  sliceOf,
} from './characters.ts';

const AT = 64;
const PERCENT = 37;
const QUOTE = 34;
const DOT = 46;
const DASH = 45;
/** RFC 5321 §4.5.3.1: octets of a local part and of a domain. */
const LOCAL_MAX = 64;
const DOMAIN_MAX = 255;
const LABEL_MAX = 63;
/** Besides letters and digits (RFC 5322 atext, and the dot between atoms). */
const LOCAL_MARKS = new Set([...".!#$%&'*+/=?^_`{|}~-"].map((mark) => mark.charCodeAt(0)));

/**
 * The next e-mail address from `from` on: a local part, which may be quoted, `@` or its escape in
 * addresses of the web (`%40`), a domain of two labels or more.
 */
export function findEmail(text: CharacterSource, from: number): Span | undefined {
  for (let at = from; at < text.length; at += 1) {
    const width = widthOfAt(text, at);
    if (width === 0) continue;
    const start = startOfLocal(text, at, from);
    if (start === at) continue;
    const end = endOfDomain(text, at + width);
    if (start < at && end !== undefined && !isRepository(text, start, at)) return { start, end };
  }
  return undefined;
}

/** Characters of the sign at this place; 0 where there is none. */
function widthOfAt(text: CharacterSource, at: number): number {
  const code = text.charCodeAt(at);
  if (code === AT) return 1;
  if (code !== PERCENT) return 0;
  return text.charCodeAt(at + 1) === 52 && text.charCodeAt(at + 2) === 48 ? 3 : 0;
}

function startOfLocal(text: CharacterSource, at: number, from: number): number {
  const least = Math.max(from, at - LOCAL_MAX);
  if (text.charCodeAt(at - 1) === QUOTE) return startOfQuoted(text, at, least);
  let start = at;
  while (start > least && isLocal(text.charCodeAt(start - 1))) start -= 1;
  // Dots and marks at the edge belong to the sentence: `write to: .anna@example.org`.
  while (start < at && !isLetter(text.charCodeAt(start)) && !isDigit(text.charCodeAt(start)))
    start += 1;
  return start;
}

/** `"anna smith"` before the sign (RFC 5322 §3.4.1); `at` where nothing is within the quotation marks. */
function startOfQuoted(text: CharacterSource, at: number, least: number): number {
  let hasName = false;
  for (let start = at - 2; start >= least; start -= 1) {
    const code = text.charCodeAt(start);
    if (code === QUOTE) return hasName ? start : at;
    if (code < 32) return at;
    hasName ||= isLetter(code) || isDigit(code);
  }
  return at;
}

function isLocal(code: number): boolean {
  return isLetter(code) || isDigit(code) || LOCAL_MARKS.has(code);
}

/**
 * End of the domain at `start`: labels parted by dots, one of which after the first begins with two
 * letters (or is punycode). What follows the domain without a blank may be part of it.
 */
function endOfDomain(text: CharacterSource, start: number): number | undefined {
  let labelStart = start;
  let end: number | undefined;
  for (let at = start; at <= text.length && at - start <= DOMAIN_MAX; at += 1) {
    const code = text.charCodeAt(at);
    if (isAlphanumeric(code) || code === DASH || code > 127) continue;
    const length = at - labelStart;
    if (length < 1 || length > LABEL_MAX || text.charCodeAt(labelStart) === DASH) return end;
    const letters =
      isLetter(text.charCodeAt(labelStart)) && isLetter(text.charCodeAt(labelStart + 1));
    if (labelStart > start && length >= 2 && letters) end = at;
    if (code !== DOT) return end;
    labelStart = at + 1;
  }
  return end;
}

/** `git@github.com:owner/name` names a repository, not a person. */
function isRepository(text: CharacterSource, start: number, at: number): boolean {
  return at - start === 3 && sliceOf(text, start, at) === 'git';
}
