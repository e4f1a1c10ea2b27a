import type { GivenText } from './given-text.ts';
import type { Demand } from './order-limits.ts';
import { linesOf, plainAnswer } from './plain-answer.ts';

const NAMED = String.raw`(?:the )?(?:names?|words?|terms?|letters?|numbers?|phrases?|text|string)?\s*`;
const QUOTE = String.raw`["'“”‘’«»\x60]?`;
const PIECE = String.raw`${QUOTE}([\p{L}\p{N}][\p{L}\p{N}'’.-]{0,40}?)${QUOTE}`;
const REPLACE = new RegExp(
  String.raw`\b(?:replace|change|swap|substitute) ${NAMED}${PIECE} (?:by|with|to|into|for) ${NAMED}${PIECE}(?=[\s.,;:!?)]|$)`,
  'iu',
);
const INSTEAD = /\bin ([\p{L}°]{1,20}) (?:instead of|rather than|not) ([\p{L}°]{1,20})\b/u;
const SORTED = /\b(?:sort|order|arrange|alphabeti[sz]e)\b/;
const ALPHABETICAL = /\balphabet(?:ical(?:ly)?|i[sz]e)\b/;
const BACKWARDS = /\b(?:reverse|descending|z to a|backwards)\b/;
const UNIQUE =
  /\b(?:remove|delete|drop|without) (?:all |any |the )?(?:repeated|duplicate[sd]?|repetitions?|doubles?)\b/;
const LINES =
  /\b(?:keep|only|list|return|show|select)\b.{0,40}\b(?:lines?|items?|rows?|words?) (?:that|which) (end|ends|start|starts|begin|begins|contain|contains|include|includes)(?: with| in)? ["'“‘`]([^"'”’`\n]{1,60})["'”’`]/i;
const SEPARATED =
  /\bseparated by (?:a |an )?(comma|semicolon|space|tab|newline|line break|vertical bar|pipe|dash|slash)/;
const ONE_LINE = /\b(?:on|in|into) (?:one|a single) line\b/;
const SEPARATORS: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  'vertical bar': '|',
  pipe: '|',
  dash: '-',
  slash: '/',
};
/** Orders after which the text cannot be what it was. */
const CHANGES =
  /\b(?:rewrite|replace|translate|convert|turn|transform|paraphrase|rephrase|reformulate|capital letters|upper ?case|shorten|summari[sz]e|remove|instead of)\b/;

/** What an order to change a text demands of the result, as far as its words can be checked. */
export function changeDemands({ order, text }: GivenText, answer: string): Demand[] {
  const result = plainAnswer(answer);
  const lower = order.toLowerCase();
  return [
    ...listDemands(lower, text, result),
    ...lineDemands(order, result),
    ...replaceDemands(order, text, result),
    ...(CHANGES.test(lower)
      ? [{ name: 'a changed text', holds: bare(result) !== bare(text) }]
      : []),
  ];
}

function listDemands(lower: string, text: string, result: string): Demand[] {
  const demands: Demand[] = [];
  const items = itemsOf(result);
  const isSorting = SORTED.test(lower) && ALPHABETICAL.test(lower);
  if (isSorting) {
    const wanted = itemsOf(text).map(fold).sort(compare);
    if (BACKWARDS.test(lower)) wanted.reverse();
    const given = items.map(fold);
    const isSorted = given.every(
      (item, at) => at === 0 || inOrder(given[at - 1] ?? '', item, lower),
    );
    demands.push({ name: 'sorted items', holds: isSorted });
    demands.push({ name: 'all items', holds: sameItems(given, wanted) });
  }
  if (UNIQUE.test(lower)) {
    const folded = items.map(fold);
    demands.push({ name: 'no repetition', holds: new Set(folded).size === folded.length });
    demands.push({
      name: 'each item once',
      holds: sameItems(folded, [...new Set(itemsOf(text).map(fold))]),
    });
  }
  const separator = SEPARATED.exec(lower)?.[1] ?? '';
  const mark = SEPARATORS[separator];
  const isOneLine = mark !== undefined || separator === 'space' || ONE_LINE.test(lower);
  const isList = itemsOf(text).length > 1;
  if (isOneLine && isList) demands.push({ name: 'one line', holds: linesOf(result).length === 1 });
  if (mark !== undefined && isList)
    demands.push({ name: 'separated as ordered', holds: result.includes(mark) });
  return demands;
}

function lineDemands(order: string, result: string): Demand[] {
  const [, how = '', piece = ''] = LINES.exec(order) ?? [];
  if (how === '') return [];
  const isMatch = (line: string) => {
    if (/^end/i.test(how)) return line.endsWith(piece);
    return /^(?:start|begin)/i.test(how) ? line.startsWith(piece) : line.includes(piece);
  };
  return [{ name: 'only such lines', holds: linesOf(result).every(isMatch) }];
}

function replaceDemands(order: string, text: string, result: string): Demand[] {
  const demands: Demand[] = [];
  const [, old = '', fresh = ''] = REPLACE.exec(order) ?? [];
  const isThere = old !== '' && hasWord(text, old);
  if (isThere && !hasWord(fresh, old))
    demands.push({ name: 'the old word gone', holds: !hasWord(result, old) });
  if (isThere) demands.push({ name: 'the new word there', holds: hasWord(result, fresh) });
  const [, to = '', from = ''] = INSTEAD.exec(order) ?? [];
  if (from !== '' && hasUnit(text, from)) {
    demands.push({ name: 'the old unit gone', holds: !hasUnit(result, from) });
    demands.push({ name: 'the new unit there', holds: hasUnit(result, to) });
  }
  return demands;
}

/** What a text lists: its lines, or what stands between commas or semicolons in one line. */
function itemsOf(text: string): string[] {
  const lines = linesOf(text).map((line) => line.replace(/^(?:[-*•]|\d+[.)])\s+/, ''));
  if (lines.length !== 1) return lines;
  return (lines[0] ?? '')
    .split(/[,;，、]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function fold(item: string): string {
  return item
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[.,;]+$/, '');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Neighbours in order by plain or by a dictionary's comparison: accents sort either way. */
function inOrder(left: string, right: string, order: string): boolean {
  const [first, second] = BACKWARDS.test(order) ? [right, left] : [left, right];
  return first <= second || first.localeCompare(second, 'en') <= 0;
}

function sameItems(left: readonly string[], right: readonly string[]): boolean {
  const sorted = right.toSorted(compare);
  return (
    left.length === right.length && left.toSorted(compare).every((one, at) => one === sorted[at])
  );
}

function bare(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}(?![\\p{L}\\p{N}])`, 'u').test(text);
}

/** `km` in `12 km`, `12km`; a word of three letters and more anywhere. */
function hasUnit(text: string, unit: string): boolean {
  if (new RegExp(`\\d\\s?${escaped(unit)}(?![\\p{L}\\p{N}])`, 'u').test(text)) return true;
  return unit.length > 2 && hasWord(text, unit);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
