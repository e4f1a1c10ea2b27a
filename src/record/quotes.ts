/** What may open a quotation: a mark, or an apostrophe at the start of a word. */
const OPENING = /["`“„«»‘]|(?<![\p{L}\p{N}])'/u;
const CLOSING = /["`“”«»’']/g;

/**
 * Replaces everything from the first to the last quotation mark by `…`: checks quote what they saw,
 * and what they saw is the caller's text, which may hold quotation marks of its own. A quotation that
 * is not closed reaches to the end.
 */
export function withoutQuotes(words: string): string {
  const first = words.search(OPENING);
  if (first === -1) return words;
  let last = words.length;
  for (const match of words.matchAll(CLOSING)) if (match.index > first) last = match.index;
  return `${words.slice(0, first + 1)}…${words.slice(last)}`;
}
