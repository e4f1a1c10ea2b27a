import { questionTerms } from './question-terms.ts';

/** A part of a question that can be looked up by itself. */
export interface QuestionPart {
  /** In the words of the question. */
  readonly asked: string;
  /** What is searched: `asked` with the names that it only refers to. */
  readonly query: string;
  /** Terms that this part alone brings. */
  readonly own: readonly string[];
}

/** Characters; a longer message is a text to work on, not a question. */
const LONGEST_QUESTION = 600;
const MOST_PARTS = 4;
const MOST_ITEM_WORDS = 4;

const QUESTION_WORD = 'what|when|where|who|whom|whose|which|why|how';
const AUXILIARY =
  'is|are|was|were|does|do|did|can|could|may|might|must|should|will|would|has|have|had';
const PREPOSITION = 'by|for|at|in|to|from|with|on|under|of|until|since|after|before';
const JOINT = new RegExp(
  `[,;]?\\s+(?:and|but)\\s+(?:also\\s+)?(?=(?:(?:${PREPOSITION})\\s+)?(?:${QUESTION_WORD})\\b|(?:${AUXILIARY})\\s+\\S+\\s+\\S)`,
  'giu',
);
const REFERS = /\b(?:it|its|they|their|them|he|she|his|her|him|this|that|these|those|there)\b/iu;
/** Words around a coordination that are no part of what is coordinated. */
const BOUNDARY = new RegExp(
  `^(?:${QUESTION_WORD}|${AUXILIARY}|${PREPOSITION}|between|than|as|and|or|versus|vs|both|either|compare|compared|more|less|long|much|many|not|that|need|needs|cost|costs|take|takes|last|lasts)$`,
  'iu',
);
const COMPARES =
  /\b(?:compared?|differs?|differences?|between|both|each|either|versus|vs|same|more|less|fewer|longer|shorter|heavier|lighter|cheaper|dearer|higher|lower|larger|bigger|smaller|faster|slower|earlier|later|older|newer|better|worse|farther|further|wider|deeper|sooner|nearer|stronger|weaker)\b/iu;
const DETERMINER = /^(?:the|a|an|our|my|your|his|her|their|this|these)$/iu;
const RELATIVE =
  /\b(?:the|an?|those|anyone|someone)\s+[^,?]*?\b(?:that|which|who|whom|whose|where)\s+\S+/iu;
/** People, houses and things that a question names by what they are to something else. */
const ROLE =
  'maker|manufacturer|producer|supplier|vendor|provider|owner|author|writer|founder|head|director|manager|leader|chief|boss|chair|chairman|chairwoman|president|mayor|nurse|doctor|physician|surgeon|teacher|secretary|treasurer|clerk|officer|engineer|operator|deputy|assistant|successor|predecessor|partner|tenant|landlord|client|customer|firm|company|organi[sz]ation|institute|department|team|ward|unit|building|site|plant|branch|city|town|capital|product|device|machine|project';
const ROLE_OF = new RegExp(
  `\\bthe\\s+(?:\\p{L}+\\s+){0,2}(?:${ROLE})\\s+(?:of|for|from|in|behind)\\s|['’]s\\s+(?:\\p{L}+\\s+){0,2}(?:${ROLE})\\b`,
  'iu',
);
/** `What is the maker of X?` asks for the role itself. */
const ASKS_ROLE = new RegExp(
  `^(?:who|what|which)\\s+(?:is|are|was|were)\\s+(?:the\\s+(?:\\p{L}+\\s+){0,2}(?:${ROLE})\\s+(?:of|for|from|in|behind)|[^?]*['’]s\\s+(?:\\p{L}+\\s+){0,2}(?:${ROLE})\\s*\\??$)`,
  'iu',
);

/**
 * The parts of a question that asks for several things: questions in a row, clauses joined by `and`,
 * two things that are compared. Fewer than two where it asks for one. Rules, no model.
 */
export function questionParts(question: string): readonly QuestionPart[] {
  const text = question.trim();
  if (text.length > LONGEST_QUESTION || text.includes('\n\n')) return [];
  const clauses = clausesOf(text);
  const parts = clauses.flatMap((clause, index) => {
    const query = index > 0 ? withSubject(clause, clauses[0] ?? '') : clause;
    return compared(clause) ?? [{ asked: clause, query, own: questionTerms(clause) }];
  });
  return parts.length < 2 ? [] : parts.slice(0, MOST_PARTS);
}

/** Whether a question speaks of something only by what is said of it: `the firm that makes X`, `X's maker`. */
export function isNested(question: string): boolean {
  const text = question.slice(0, LONGEST_QUESTION);
  return RELATIVE.test(text) || (ROLE_OF.test(text) && !ASKS_ROLE.test(text));
}

function clausesOf(text: string): readonly string[] {
  return text
    .split(/(?<=\?)\s+/u)
    .flatMap((sentence) => sentence.split(JOINT))
    .map((clause) => clause.replace(/[\s,;?]+$/u, '').trim())
    .filter((clause) => questionTerms(clause).length > 0);
}

/** A clause that says only `it` is searched with what the first clause names. */
function withSubject(clause: string, first: string): string {
  const named = first.split(/\s+/u).slice(1).filter(isNameWord);
  const has = clause.split(/\s+/u).slice(1).some(isNameWord);
  if (has && !REFERS.test(clause)) return clause;
  const subject = named.length > 0 ? named.join(' ') : REFERS.test(clause) ? first : '';
  return subject === '' ? clause : `${clause} ${subject}`;
}

/** A capital or a digit: `Brunnau`, `P-110`. */
function isNameWord(word: string): boolean {
  return /^["“'(]?(?:\p{Lu}|[\p{L}-]*\p{N})/u.test(word);
}

/** `Which is heavier, the P-110 or the P-220?` is a question about each of them. */
function compared(clause: string): readonly QuestionPart[] | undefined {
  const tokens = clause.split(/\s+/u);
  for (const [at, token] of tokens.entries()) {
    const isThan = /^than$/iu.test(token);
    if (!isThan && !/^(?:and|or|versus|vs\.?)$/iu.test(token)) continue;
    const right = itemAfter(tokens, at + 1);
    const left = isThan ? namedBefore(tokens, at) : itemBefore(tokens, at);
    if (left === undefined || right === undefined) continue;
    const items = [tokens.slice(...left), tokens.slice(...right)];
    const isNamed = items.every((item, index) =>
      item.some((word, place) => isNameWord(word) && (index + place > 0 || left[0] > 0)),
    );
    if (!isNamed && !COMPARES.test(clause)) continue;
    if (isThan && !isNamed) continue;
    const frame = [left, right, [at, at + 1] as const];
    return items.map((item, index) => {
      const keep = index === 0 ? left : right;
      const asked = tokens
        .filter((_word, place) => within(place, keep) || !frame.some((one) => within(place, one)))
        .join(' ');
      return { asked, query: asked, own: questionTerms(item.join(' ')) };
    });
  }
  return undefined;
}

type Range = readonly [from: number, to: number];

function within(place: number, [from, to]: Range): boolean {
  return place >= from && place < to;
}

function itemBefore(tokens: readonly string[], end: number): Range | undefined {
  let from = end;
  while (from > 0 && end - from < MOST_ITEM_WORDS) {
    const word = tokens[from - 1] ?? '';
    if (BOUNDARY.test(word) || (from < end && /[,;:]$/u.test(word))) break;
    from -= 1;
    if (DETERMINER.test(word)) break;
  }
  return hasTerms(tokens, from, end) ? [from, end] : undefined;
}

function itemAfter(tokens: readonly string[], from: number): Range | undefined {
  let to = from;
  while (to < tokens.length && to - from < MOST_ITEM_WORDS) {
    const word = tokens[to] ?? '';
    if (BOUNDARY.test(word)) break;
    to += 1;
    if (/[,;:?]$/u.test(word)) break;
  }
  return hasTerms(tokens, from, to) ? [from, to] : undefined;
}

/** The name that `more than` is said of. */
function namedBefore(tokens: readonly string[], end: number): Range | undefined {
  let to = end;
  while (to > 1 && !isNameWord(tokens[to - 1] ?? '')) to -= 1;
  let from = to;
  while (from > 1 && isNameWord(tokens[from - 1] ?? '')) from -= 1;
  return hasTerms(tokens, from, to) ? [from, to] : undefined;
}

function hasTerms(tokens: readonly string[], from: number, to: number): boolean {
  return to > from && questionTerms(tokens.slice(from, to).join(' ')).length > 0;
}
