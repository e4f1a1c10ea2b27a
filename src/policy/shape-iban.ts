import {
  type CharacterSource,
  isAlphanumeric,
  isBlank,
  isDigit,
  isLower,
  isUpper,
  isWord,
  type Span,
} from './characters.ts';

const DASH = 45;
/** Characters of an IBAN by country (SWIFT IBAN registry). */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'NO15 BE16 DK18 FI18 FO18 FK18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 ' +
    'CH21 HR21 LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 ' +
    'SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 BI27 ' +
    'DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 ' +
    'BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/**
 * The next international bank account number from `from` on, in one piece or in groups parted by
 * single blanks or dashes: the length of its country and the check digits are right (ISO 13616,
 * mod 97-10 of ISO/IEC 7064).
 */
export function findIban(text: CharacterSource, from: number): Span | undefined {
  for (let at = from; at + 4 < text.length; at += 1) {
    if (!isDigit(text.charCodeAt(at + 2)) || !isDigit(text.charCodeAt(at + 3))) continue;
    if (isWord(text.charCodeAt(at - 1))) continue;
    const country = upper(text.charCodeAt(at)) + upper(text.charCodeAt(at + 1));
    const length = LENGTHS[country];
    if (length === undefined) continue;
    const end = ibanEnd(text, at, length);
    if (end !== undefined) return { start: at, end };
  }
  return undefined;
}

function ibanEnd(text: CharacterSource, start: number, length: number): number | undefined {
  let remainder = 0;
  let head = 0;
  let count = 0;
  let at = start;
  for (; count < length; at += 1) {
    const code = text.charCodeAt(at);
    const parted = isBlank(code) || code === DASH;
    if (parted && count > 0 && isAlphanumeric(text.charCodeAt(at - 1))) continue;
    if (!isAlphanumeric(code)) return undefined;
    // The first four characters count last.
    if (count < 4) head = append(head, code);
    else remainder = append(remainder, code);
    count += 1;
  }
  const headDigits = 6;
  const whole = (remainder * (10 ** headDigits % 97) + head) % 97;
  return whole === 1 && !isWord(text.charCodeAt(at)) ? at : undefined;
}

/** One more character on the number so far, modulo 97; letters are 10 … 35. */
function append(remainder: number, code: number): number {
  if (isDigit(code)) return (remainder * 10 + code - 48) % 97;
  const value = code - (isLower(code) ? 97 : 65) + 10;
  return (remainder * 100 + value) % 97;
}

function upper(code: number): string {
  if (!isUpper(code) && !isLower(code)) return '';
  return String.fromCharCode(isLower(code) ? code - 32 : code);
}
