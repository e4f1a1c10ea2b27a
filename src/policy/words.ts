const WORD = /[\p{L}\p{N}_]/u;
/** Scripts that write words without blanks between them: there every place is a word's bound. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const BLANKS = /\s+/gu;

/** A text made ready for any number of words to be looked up in it. */
export function foldWords(text: string): string {
  return text.toLowerCase().replace(BLANKS, ' ');
}

/**
 * Where a word or phrase stands in a folded text, without case and at word bounds; −1 when nowhere.
 * At most text length × word length steps.
 */
export function indexOfWord(folded: string, word: string): number {
  const wanted = foldWords(word).trim();
  if (wanted === '') return -1;
  const first = characterAt(wanted, 0);
  const last = characterBefore(wanted, wanted.length);
  let at = folded.indexOf(wanted);
  while (at !== -1) {
    const end = at + wanted.length;
    if (parts(characterBefore(folded, at), first) && parts(last, characterAt(folded, end)))
      return at;
    at = folded.indexOf(wanted, at + 1);
  }
  return -1;
}

/** True when a word's bound lies between the two characters. */
function parts(before: string, after: string): boolean {
  if (!WORD.test(before) || !WORD.test(after)) return true;
  return UNPARTED.test(before) || UNPARTED.test(after);
}

function characterAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** The character that ends at `end`, '' at the start; two units outside the basic plane. */
function characterBefore(text: string, end: number): string {
  const pair = text.codePointAt(end - 2);
  if (pair !== undefined && pair > 0xffff) return String.fromCodePoint(pair);
  return end > 0 ? text.charAt(end - 1) : '';
}
