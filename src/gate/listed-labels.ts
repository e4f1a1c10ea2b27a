import type { ChatRequest } from '../core/chat.ts';
import type { GateSpoke } from './spoke.ts';

/** UTF-16 units of the instructions that are read: 150 labels with a line about each fit. */
const READ = 16_384;
/** Fewer labels, such as yes and no, are those of too many questions. */
const LEAST_LABELS = 3;

/** Words by which one label for each text is asked for. */
const ONE_LABEL =
  /\b(classif\w*|categor\w*|label\w*|intents?|topics?|class(es)?|tags?|route|triage|sort|assign|one of|which of)\b/i;
/** Words by which more than the bare label is asked for, or another form of it. */
const MORE =
  /\b(json|xml|yaml|csv|explain\w*|explanation|reason\w*|justif\w*|why|sentences?|translat\w*|summar\w*|confidence|probabilit\w*|apply|multiple|several|one or more|at least|up to|number of)\b/i;

/** A label's own letters: what touches them on a side makes another word of it. */
const LETTER = /[\p{L}\p{N}_-]/u;
/** Between labels that stand one after the other: nothing but signs, “and” and “or”. */
const SIGNS = /^[\s"'“”‘’`*()[\]{}.:,;|/\d-]*(?:\b(?:and|or)\b[\s"'“”‘’`*]*)?$/;
/** How the line of a list begins. */
const BULLET = /^\s*(?:[-*•]|\d+[.)])?[\s"'“”‘’`*]*$/;

interface Instructions {
  readonly text: string;
  readonly words: ReadonlySet<string>;
  readonly asksForLabel: boolean;
}

/**
 * Whether the instructions of a request list this classifier's labels, all as they are written and no
 * others, and ask for nothing but one of them: then the last message of the user is the text to sort,
 * as it is for the classifier. Labels in that message itself do not count: the classifier would read
 * them as part of the text.
 */
export function listsLabels({ labels = [] }: GateSpoke, request: ChatRequest): boolean {
  if (labels.length < LEAST_LABELS) return false;
  const { text, words, asksForLabel } = instructionsOf(request);
  // A farm may have hundreds of specialists: nearly all are ruled out by a word.
  if (!asksForLabel || !labels.every((label) => words.has(firstWord(label)))) return false;
  const places = placesOf(labels, text);
  return places !== undefined && isOneList(text, places);
}

const readBefore = new WeakMap<ChatRequest, Instructions>();

function instructionsOf(request: ChatRequest): Instructions {
  const known = readBefore.get(request);
  if (known !== undefined) return known;
  let text = '';
  for (const { role, content } of request.messages) {
    if (role !== 'system') continue;
    for (const part of content) if (part.type === 'text') text += `${part.text}\n`;
    if (text.length > READ) break;
  }
  text = text.slice(0, READ);
  const isText = request.responseFormat === undefined || request.responseFormat.type === 'text';
  const asksForLabel = isText && ONE_LABEL.test(text) && !MORE.test(text);
  const words = new Set(asksForLabel ? text.match(/[\p{L}\p{N}]+/gu) : []);
  const read = { text, words, asksForLabel };
  readBefore.set(request, read);
  return read;
}

const firstWord = (label: string): string => label.match(/[\p{L}\p{N}]+/u)?.[0] ?? label;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where each label stands, in the order of the text; undefined where one is missing. */
function placesOf(labels: readonly string[], text: string): Place[] | undefined {
  const taken: Place[] = [];
  // The longest first: `card` is not what stands in `lost card`.
  for (const label of labels.toSorted((a, b) => b.length - a.length)) {
    const start = firstPlace(label, text, taken);
    if (start < 0) return undefined;
    taken.push({ start, end: start + label.length });
  }
  return taken.sort((a, b) => a.start - b.start);
}

function firstPlace(label: string, text: string, taken: readonly Place[]): number {
  for (let at = text.indexOf(label); at >= 0; at = text.indexOf(label, at + 1)) {
    const end = at + label.length;
    const isWord = !LETTER.test(text.charAt(at - 1)) && !LETTER.test(text.charAt(end));
    if (isWord && !taken.some((one) => at < one.end && one.start < end)) return at;
  }
  return -1;
}

/** Labels one after the other, or each at the beginning of a line of its own, and no item beside them. */
function isOneList(text: string, places: readonly Place[]): boolean {
  const first = places[0]?.start ?? 0;
  const last = places.at(-1)?.end ?? 0;
  const gaps = places.slice(1).map(({ start }, index) => text.slice(places[index]?.end, start));
  if (gaps.every((gap) => SIGNS.test(gap) && gap !== '')) {
    // “a, b or c and nothing else” has no item more.
    const before = text.slice(0, first).replace(/["'“‘`*([{\s]+$/u, '');
    const after = text.slice(last).replace(/^["'”’`*)\]}]+/u, '');
    return (
      !/(?:[,;|/]|\b(?:and|or))$/.test(before) &&
      !/^\s*(?:[,;|/]|(?:and|or)\b(?! (?:nothing|no|only|answer|reply|say)\b))/.test(after)
    );
  }
  const lines = text.slice(text.lastIndexOf('\n', first - 1) + 1, endOfLine(text, last));
  const starts = new Set(places.map(({ start }) => text.lastIndexOf('\n', start - 1) + 1));
  let at = text.lastIndexOf('\n', first - 1) + 1;
  for (const line of lines.split('\n')) {
    if (line.trim() !== '' && !starts.has(at)) return false;
    at += line.length + 1;
  }
  const headed = places.every(({ start }) =>
    BULLET.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start)),
  );
  return headed && !isItem(lineAfter(text, last)) && starts.size === places.length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

const lineAfter = (text: string, from: number): string =>
  text.slice(endOfLine(text, from) + 1).split('\n', 1)[0] ?? '';

const isItem = (line: string): boolean => /^\s*(?:[-*•]|\d+[.)])\s*\S/.test(line);
