/**
 * Tokens of a word-piece vocabulary, estimated without one: a run of letters counts one, then one
 * more per four letters beyond the fourth pair; a hump of camelCase begins a run; digits count one
 * per two, everything else that is visible one per character. Measured against the bge tokenizer on
 * 400 chunks each: 1.14 × on Cranfield, 1.02 on MED, 1.03 on SciFact, .89 on source code.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let letters = 0;
  let digits = 0;
  let wasLower = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isUpper = code > 0x40 && code < 0x5b;
    const isLower = (code > 0x60 && code < 0x7b) || (code > 0xbf && code < 0x530);
    const isDigit = code > 0x2f && code < 0x3a;
    letters = isLower || isUpper ? (isUpper && wasLower ? 1 : letters + 1) : 0;
    digits = isDigit ? digits + 1 : 0;
    wasLower = isLower;
    if (letters > 0) tokens += letters === 1 || (letters > 7 && letters % 4 === 0) ? 1 : 0;
    else if (digits > 0) tokens += digits % 2;
    else if (code > 0x20) tokens += 1;
  }
  return tokens;
}
