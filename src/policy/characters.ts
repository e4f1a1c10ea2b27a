/**
 * What scanners read: a string, or in tests a counter around one. Positions outside give NaN, which
 * no test of a character accepts.
 */
export interface CharacterSource {
  readonly length: number;
  charCodeAt(index: number): number;
}

/** A stretch [start, end) of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

export function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

/** ASCII letters; and all beyond ASCII, so that words of other scripts are words. */
export function isLetter(code: number): boolean {
  return isUpper(code) || isLower(code) || code > 127;
}

export function isWord(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === 95;
}

/** ASCII letter or digit. */
export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isUpper(code) || isLower(code);
}

export function isHex(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

/** Space, tab, no-break space. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 160;
}

const TOKENS = Uint8Array.from({ length: 128 }, (_, code) =>
  isAlphanumeric(code) || code === 95 || code === 45 ? 1 : 0,
);

/** What names and keys are made of: letters, digits, dashes, underscores, all of ASCII. */
export function isToken(code: number): boolean {
  return TOKENS[code] === 1;
}

/** `:`, `=`, and the second half of `=>`, which give a name its value. */
export function isSign(code: number): boolean {
  return code === 58 || code === 61 || code === 62;
}

/** Quotation marks of programs, and the backslash before them in nested JSON. */
export function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96 || code === 92;
}

/** The stretch as a string; only for stretches of bounded length. */
export function sliceOf(text: CharacterSource, start: number, end: number): string {
  let slice = '';
  for (let at = start; at < end; at += 1) slice += String.fromCharCode(text.charCodeAt(at));
  return slice;
}
