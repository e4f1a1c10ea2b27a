/** What a spoke's sentence says about its sources, and the sentence without it. */
export interface MarkedText {
  readonly text: string;
  /** Numbers in the order they were written, each once. */
  readonly numbers: readonly number[];
}

/** `[1]`, `[1, 3]`, `[1-3]`, `[sentence 2]`, `【4】`; numbers have at most four digits. */
const SQUARE =
  /\s?[[【]\s*(?:sentences?\s+)?(\d{1,4}(?:\s*(?:,|;|and|&|-|–)\s*\d{1,4}){0,9})\s*[\]】]/giu;
/** `(2)`, `(1, 3)`, `(sentence 2)`: only at the end of a sentence; elsewhere a parenthesis is text. */
const ROUND =
  /\s?\(\s*(?:sentences?\s+)?(\d{1,3}(?:\s*(?:,|and|&)\s*\d{1,3}){0,9})\s*\)(?=\s*[.!?]?\s*$)/giu;
/** The same behind the full stop of the sentence before, which a splitter puts in front of the next. */
const LEADING =
  /^\s*\(\s*(?:sentences?\s+)?(\d{1,3}(?:\s*(?:,|and|&)\s*\d{1,3}){0,9})\s*\)\s+(?=\p{L})/iu;
/** Ranges longer than this are no citation. */
const LONGEST_RANGE = 10;

/**
 * Takes the citation marks out of a sentence. Round brackets count only when all their numbers are
 * `known`, because `(2)` is also how texts write other things.
 */
export function readMarks(source: string, known: ReadonlySet<number>): MarkedText {
  const numbers: number[] = [];
  const take = (list: string) => {
    for (const number of expand(list))
      if (known.has(number) && !numbers.includes(number)) numbers.push(number);
  };
  let text = source.replace(SQUARE, (_, list: string) => {
    take(list);
    return '';
  });
  for (const round of [ROUND, LEADING])
    text = text.replace(round, (whole, list: string) => {
      if (!expand(list).every((number) => known.has(number))) return whole;
      take(list);
      return '';
    });
  return { text, numbers };
}

function expand(list: string): readonly number[] {
  const range = /^(\d+)\s*[-–]\s*(\d+)$/.exec(list.trim());
  if (!range) return (list.match(/\d+/g) ?? []).map(Number);
  const first = Number(range[1]);
  const last = Number(range[2]);
  if (last < first || last - first >= LONGEST_RANGE) return [first, last];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** How spokes say that the documents do not hold the answer, tolerant of wording and case. */
const DECLINES: readonly RegExp[] = [
  /\bnot (?:in|found in|contained in|mentioned in|stated in|part of) (?:the |these |any )?(?:documents?|sentences?|sources?|texts?|passages?|list)\b/i,
  /\b(?:documents?|sentences?|sources?|texts?|passages?) (?:do|does) not (?:\w+ )?(?:contain|mention|say|state|answer|provide|specify|include)\b/i,
  /\bno (?:sentence|document|source)s? (?:\w+ )?(?:mentions?|contains?|says?|answers?|states?)\b/i,
  /\b(?:is|are|was|were) not (?:mentioned|specified|stated)\b[^.]{0,40}\.?$/i,
];

/** Does the sentence decline for want of evidence? */
export function isDeclined(sentence: string): boolean {
  const text = sentence.slice(0, 400).trim();
  return DECLINES.some((pattern) => pattern.test(text));
}
