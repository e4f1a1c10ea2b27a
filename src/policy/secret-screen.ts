import { isBlank, isQuote, isToken } from './characters.ts';
import {
  FORMATS_BY_START,
  KEY_MIN,
  KEY_PREFIXES,
  NAME_GAP,
  PEM_START,
  PEM_TITLE,
  SECRET_NAMES,
} from './secret-formats.ts';

const DASH = 45;
const UNDERSCORE = 95;
const SIGNS = [...':=>'];
const NAME_LONGEST = Math.max(...SECRET_NAMES.map(({ ending }) => ending.length));
/** Last letter → endings of names with it. */
const ENDINGS_BY_LAST = Map.groupBy(
  SECRET_NAMES.map(({ ending }) => ending),
  (ending) => ending.charCodeAt(ending.length - 1),
);
const UNMARKED = KEY_PREFIXES.filter((prefix) => !/[-_]/.test(prefix));
/** `://user:password@`, with the most characters that the scanner reads of both. */
const URL_PASSWORD = /:\/\/[^:@/\s]{0,64}:[^:@/\s]{1,256}@/;

/**
 * False only where `findSecret` finds nothing. It goes from one candidate to the next: long tokens by
 * leaps, names from the sign behind them.
 */
export function mayHoldSecret(text: string): boolean {
  return (
    (text.includes(PEM_TITLE) && text.includes(PEM_START)) ||
    // The dot between the two halves of a JSON Web Token is rarer than the e.
    text.includes('.eyJ') ||
    (text.includes('://') && URL_PASSWORD.test(text)) ||
    SIGNS.some((sign) => followsSecretName(text, sign)) ||
    (mayHoldPrefix(text) && hasKeyPrefix(text))
  );
}

/** Whether a name whose value is a secret stands before one of the signs. */
function followsSecretName(text: string, sign: string): boolean {
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
    let end = at;
    while (end > at - NAME_GAP && isGap(text.charCodeAt(end - 1))) end -= 1;
    if (endsWithSecretName(text, end)) return true;
  }
  return false;
}

function isGap(code: number): boolean {
  return isBlank(code) || isQuote(code);
}

function endsWithSecretName(text: string, end: number): boolean {
  // Bit 5 makes a letter of ASCII small.
  const endings = ENDINGS_BY_LAST.get(text.charCodeAt(end - 1) | 0x20);
  if (endings === undefined) return false;
  const name = text.slice(Math.max(0, end - NAME_LONGEST), end).toLowerCase();
  return endings.some((ending) => name.endsWith(ending));
}

/** Most formats begin with letters and a dash or underscore, the others with capitals: rare in prose. */
function mayHoldPrefix(text: string): boolean {
  return (
    text.includes('-') || text.includes('_') || UNMARKED.some((prefix) => text.includes(prefix))
  );
}

/**
 * Whether a token that is long enough for a key of a known format has the beginning of one. A token
 * of `KEY_MIN` characters has one at every leap of as many, so most characters are never read.
 */
function hasKeyPrefix(text: string): boolean {
  let at = KEY_MIN - 1;
  while (at < text.length) {
    if (!isToken(text.charCodeAt(at))) {
      at += KEY_MIN;
      continue;
    }
    let start = at;
    while (isToken(text.charCodeAt(start - 1))) start -= 1;
    while (isToken(text.charCodeAt(at))) at += 1;
    if (at - start >= KEY_MIN && isKeyIn(text, start, at)) return true;
    at += KEY_MIN;
  }
  return false;
}

function isKeyIn(text: string, from: number, end: number): boolean {
  for (let start = from; start + KEY_MIN <= end; start += 1) {
    const before = text.charCodeAt(start - 1);
    if (start > from && before !== DASH && before !== UNDERSCORE) continue;
    const formats = FORMATS_BY_START.get(text.charCodeAt(start));
    if (formats?.some(({ prefix }) => text.startsWith(prefix, start))) return true;
  }
  return false;
}
