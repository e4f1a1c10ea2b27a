import {
  type CharacterSource,
  isAlphanumeric,
  isBlank,
  isDigit,
  isLower,
  isQuote,
  isSign,
  isToken,
  isUpper,
  type Span,
  sliceOf,
} from './characters.ts';
import {
  FORMATS_BY_START,
  KEY_MIN,
  type KeyFormat,
  NAME_GAP,
  PEM_START,
  PEM_TITLE,
  SECRET_NAMES,
} from './secret-formats.ts';

/** Longest name, prefix or header that has to be read to decide. */
const NAME_MAX = 64;
const PEM_MAX = 64;
/** Longest value that is looked at; a longer one is a secret as much as its beginning is. */
const VALUE_MAX = 256;
const VALUE_MIN = 12;
const PASSWORD_MIN = 8;
const NOT_IN_VALUES = new Set([...'(){}[]<$,;'].map((mark) => mark.charCodeAt(0)));
/** Bits per character: English words have about 2.5 to 3.2 at this length, random base64 above 3.5. */
const ENTROPY_MIN = 3.2;
const UNDERSCORE = 95;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const COLON = 58;
const AT = 64;

/**
 * The next credential from `from` on: a key of a known format, a private key in PEM, a JSON Web
 * Token, a password in a URL, or a random-looking value given to a name such as `password`.
 */
export function findSecret(text: CharacterSource, from: number): Span | undefined {
  let at = from;
  while (at < text.length) {
    if (!isToken(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const start = at;
    while (isToken(text.charCodeAt(at))) at += 1;
    if (!maySpeak(text, start, at)) continue;
    const found =
      keyIn(text, start, at) ??
      tokenAt(text, start, at) ??
      pemAt(text, start, at) ??
      urlPassword(text, start, at) ??
      valueAfter(text, start, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A word of prose is none of what is looked for: short, no dot behind it, no sign in reach. */
function maySpeak(text: CharacterSource, start: number, end: number): boolean {
  if (end - start >= PEM_START.length) return true;
  let at = end;
  let code = text.charCodeAt(at);
  if (code === DOT) return true;
  while (at < end + NAME_GAP && (isBlank(code) || isQuote(code))) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return isSign(code);
}

/** Keys that say themselves what they are, at the start of the run or after a dash or underscore. */
function keyIn(text: CharacterSource, from: number, end: number): Span | undefined {
  if (end - from < KEY_MIN) return undefined;
  for (let start = from; start + KEY_MIN <= end; start += 1) {
    const before = text.charCodeAt(start - 1);
    if (start > from && before !== DASH && before !== UNDERSCORE) continue;
    for (const format of FORMATS_BY_START.get(text.charCodeAt(start)) ?? []) {
      const keyEnd = keyEndAt(text, start, end, format);
      if (keyEnd !== undefined) return { start, end: keyEnd };
    }
  }
  return undefined;
}

function keyEndAt(
  text: CharacterSource,
  start: number,
  end: number,
  { prefix, characters, least, most }: KeyFormat,
): number | undefined {
  if (!startsAt(text, start, prefix)) return undefined;
  const first = start + prefix.length;
  const farthest = Math.min(end, first + (most ?? VALUE_MAX));
  let at = first;
  while (at < farthest && isOf(characters, text.charCodeAt(at))) at += 1;
  const tooLong = most !== undefined && isAlphanumeric(text.charCodeAt(at));
  return at - first < least || tooLong ? undefined : at;
}

function isOf(characters: KeyFormat['characters'], code: number): boolean {
  if (characters === 'upper') return isUpper(code) || isDigit(code);
  return characters === 'mixed' ? isAlphanumeric(code) : isToken(code);
}

function startsAt(text: CharacterSource, at: number, prefix: string): boolean {
  for (let index = 0; index < prefix.length; index += 1)
    if (text.charCodeAt(at + index) !== prefix.charCodeAt(index)) return false;
  return true;
}

/** `-----BEGIN … PRIVATE KEY`; the dashes may follow other text, as in escaped JSON. */
function pemAt(text: CharacterSource, start: number, end: number): Span | undefined {
  const dashes = end - PEM_START.length;
  if (dashes < start || !isBlank(text.charCodeAt(end)) || !startsAt(text, dashes, PEM_START))
    return undefined;
  const stop = Math.min(text.length, end + PEM_MAX);
  return sliceOf(text, end, stop).includes(PEM_TITLE) ? { start: dashes, end: stop } : undefined;
}

/** `scheme://user:password@host`. */
function urlPassword(text: CharacterSource, start: number, end: number): Span | undefined {
  if (text.charCodeAt(end) !== COLON || !startsAt(text, end, '://')) return undefined;
  const user = end + 3;
  const colon = skip(text, user, NAME_MAX, (code) => isValue(code) && !isUrlMark(code));
  if (text.charCodeAt(colon) !== COLON) return undefined;
  const at = skip(text, colon + 1, VALUE_MAX, (code) => isValue(code) && !isUrlMark(code));
  return at > colon + 1 && text.charCodeAt(at) === AT ? { start, end: at } : undefined;
}

function isUrlMark(code: number): boolean {
  return code === AT || code === SLASH;
}

/** `eyJ….eyJ….…` (RFC 7519 §3.1): header and claims are base64url of JSON objects. */
function tokenAt(text: CharacterSource, start: number, end: number): Span | undefined {
  if (text.charCodeAt(end) !== DOT || !startsAt(text, start, 'eyJ')) return undefined;
  return startsAt(text, end + 1, 'eyJ') ? { start, end: end + 4 } : undefined;
}

/** `name = value` in the manners of shells, JSON, YAML and programs. */
function valueAfter(text: CharacterSource, start: number, end: number): Span | undefined {
  const sign = skip(text, end, NAME_GAP, (code) => isBlank(code) || isQuote(code));
  const after = skip(text, sign, 2, isSign);
  if (after === sign) return undefined;
  const name = sliceOf(text, Math.max(start, end - NAME_MAX), end).toLowerCase();
  const kind = SECRET_NAMES.find(({ ending }) => name.endsWith(ending))?.kind;
  if (kind === undefined) return undefined;
  const value = skip(text, after, 4, (code) => isBlank(code) || isQuote(code));
  const stop = skip(text, value, VALUE_MAX, isValue);
  return isRandom(sliceOf(text, value, stop), kind) ? { start: value, end: stop } : undefined;
}

function skip(
  text: CharacterSource,
  from: number,
  most: number,
  wanted: (code: number) => boolean,
): number {
  let at = from;
  while (at < from + most && wanted(text.charCodeAt(at))) at += 1;
  return at;
}

/**
 * What a value may hold. Brackets and `$` start something that is computed, not a secret; no sign of
 * the next name is part of it, which also keeps a text of nothing but names linear.
 */
function isValue(code: number): boolean {
  return code > 32 && code < 127 && !isQuote(code) && !isSign(code) && !NOT_IN_VALUES.has(code);
}

function isRandom(value: string, kind: 'password' | 'token'): boolean {
  if (value.length < (kind === 'password' ? PASSWORD_MIN : VALUE_MIN)) return false;
  const classes = [isDigit, isUpper, isLower, (code: number) => !isAlphanumeric(code)];
  const used = classes.filter((one) => [...value].some((mark) => one(mark.charCodeAt(0)))).length;
  if (kind === 'password' && value.length >= PASSWORD_MIN && used >= 3) return true;
  const letters = /[A-Za-z]/.test(value);
  return (
    value.length >= VALUE_MIN && letters && /\d/.test(value) && entropyOf(value) >= ENTROPY_MIN
  );
}

/** Shannon entropy of the characters, bits each. */
function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const mark of value) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
