import { stem } from '../base/stemmer.ts';
import { STOP_WORDS } from '../base/stop-words.ts';

/** Token F1 from which a longer gold answer counts as given. */
const LEAST_F1 = 0.5;
/** Share of a gold answer's tokens that a longer answer must have. */
const LEAST_RECALL = 0.75;
const ARTICLES = new Set(['a', 'an', 'the']);
const NEGATION = /\b(?:no|not|none|never|nothing|neither|without|cannot)\b|n['’]t\b/i;
const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'
    .split(' ')
    .map((word, value) => [word, String(value)]),
);

/**
 * Is one of the gold answers in the answer? Without case, articles, punctuation and endings of
 * words; numbers as values (`1,200` = `1200`, `three` = `3`). A gold answer of `yes` or `no` asks
 * for the answer's sense: whether it says no. Any other is given when the answer has its words in
 * a row, or — from three words on — all its numbers and, stop words left out, either a token F1 of
 * at least .5 (SQuAD's, Rajpurkar et al. 2016, section 6.1) or three quarters of its words.
 */
export function isRightAnswer(answer: string, gold: readonly string[]): boolean {
  const given = tokensOf(answer);
  return gold.some((one) => says(answer, given, one));
}

function says(answer: string, given: readonly string[], gold: string): boolean {
  const wanted = tokensOf(gold);
  if (wanted.length === 0 || given.length === 0) return false;
  const first = gold.trim().toLowerCase().replace(/\W+$/, '');
  if (first === 'no') return given[0] === 'no' || (given[0] !== 'yes' && NEGATION.test(answer));
  if (first === 'yes') return given[0] === 'yes' || (given[0] !== 'no' && !NEGATION.test(answer));
  if (` ${given.join(' ')} `.includes(` ${wanted.join(' ')} `)) return true;
  const known = new Set(given);
  if (wanted.length < 3 || wanted.some((token) => /^\d/.test(token) && !known.has(token)))
    return false;
  const said = given.filter((token) => !STOP_WORDS.has(token));
  const asked = wanted.filter((token) => !STOP_WORDS.has(token));
  const common = commonCount(said, asked);
  const f1 = (2 * common) / (said.length + asked.length);
  return f1 >= LEAST_F1 || common >= LEAST_RECALL * asked.length;
}

function commonCount(given: readonly string[], wanted: readonly string[]): number {
  const left = new Map<string, number>();
  for (const token of wanted) left.set(token, (left.get(token) ?? 0) + 1);
  let common = 0;
  for (const token of given) {
    const count = left.get(token) ?? 0;
    if (count > 0) common += 1;
    left.set(token, count - 1);
  }
  return common;
}

function tokensOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=\d),(?=\d{3}\b)/g, '');
  const found = plain.match(/\d+(?:\.\d+)?|\p{L}[\p{L}\p{M}]*/gu) ?? [];
  return found
    .filter((token) => !ARTICLES.has(token))
    .map((token) => NUMBER_WORDS.get(token) ?? (/^\d/.test(token) ? token : stem(token)));
}
