import { probabilitiesAt } from './calibration.ts';
import type { SparseVector } from './hashing.ts';
import { softmaxFrom, softmaxSections } from './ngram-classifier.ts';
import { readPacked, writePacked } from './packed.ts';
import type { SoftmaxModel } from './softmax.ts';
import { scoreSoftmax } from './softmax-scores.ts';

/** A labelled piece of a text: UTF-16 offsets, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

export interface FoundSpan extends Span {
  /** P(each of its tokens has its tag), the least of them, 0 … 1. */
  readonly confidence: number;
}

/** Tags of tokens: 0 = outside, 1 + 2 l = begins label l, 2 + 2 l = goes on with it. */
export interface SpanTagger {
  /** Sorted. */
  readonly labels: readonly string[];
  readonly tags: SoftmaxModel;
  /** Divides the scores, so that probabilities are what they say. */
  readonly temperature: number;
  /** Fingerprint of data and settings. */
  readonly source: string;
}

export interface Token {
  readonly start: number;
  readonly end: number;
}

const KIND = 'span-tagger';
const VERSION = 1;
const BITS = 20;
/** UTF-16 units of a text that are read. */
export const SPAN_TEXT_MOST = 20_000;
const TOKEN = /\p{L}[\p{L}\p{M}]*|\p{N}+(?:[.,]\p{N}+)*|\S/gu;
const WINDOW = 2;

/** Runs of letters, numbers with their points and commas, and every other visible sign by itself. */
export function tokensOf(text: string): Token[] {
  return [...text.slice(0, SPAN_TEXT_MOST).matchAll(TOKEN)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/**
 * What each token looks like, and what stands around it; vectors of length 1. Of hidden tokens only
 * the shape is told: a training in which some are hidden learns to read what surrounds them.
 */
export function tokenFeatures(
  text: string,
  tokens: readonly Token[],
  isHidden: () => boolean = () => false,
): SparseVector[] {
  const words = tokens.map(({ start, end }) =>
    isHidden() ? '?' : text.slice(start, end).toLowerCase(),
  );
  const shapes = tokens.map(({ start, end }) => shapeOf(text.slice(start, end)));
  const isFirst = tokens.map(
    ({ start }, at) => at === 0 || text.slice(tokens[at - 1]?.end ?? 0, start).includes('\n'),
  );
  const word = (at: number) => words[at] ?? (at < 0 ? 'BEGIN' : 'END');
  const shape = (at: number) => shapes[at] ?? (at < 0 ? 'BEGIN' : 'END');
  return tokens.map((token, at) => {
    const found: number[] = [];
    const add = (name: string, value: string) => found.push(hash(`${name}=${value}`));
    for (let step = -WINDOW; step <= WINDOW; step += 1) {
      add(`w${step}`, word(at + step));
      add(`s${step}`, shape(at + step));
      add(`ws${step}`, `${word(at + step)} ${shape(at)}`);
    }
    for (const size of [2, 3]) {
      add(`p${size}`, word(at).slice(0, size));
      add(`e${size}`, word(at).slice(-size));
    }
    add('left', `${word(at - 2)} ${word(at - 1)}`);
    add('left3', `${word(at - 3)} ${word(at - 2)} ${word(at - 1)}`);
    add('right', `${word(at + 1)} ${word(at + 2)}`);
    add('shapes', `${shape(at - 1)} ${shape(at)} ${shape(at + 1)}`);
    add('long', `${shape(at - 2)} ${shape(at - 1)} ${shape(at)} ${shape(at + 1)} ${shape(at + 2)}`);
    add('first', String(isFirst[at]));
    add(
      'glued',
      `${tokens[at - 1]?.end === token.start} ${tokens[at + 1]?.start === token.end} ${shape(at)}`,
    );
    // What a form calls its line stands at the line's begin.
    let line = at;
    while (line > 0 && !isFirst[line]) line -= 1;
    add('line', `${word(line)} ${word(line + 1)} ${shape(at)}`);
    for (let back = 1; back <= 6; back += 1)
      if (shape(at - back).startsWith('x') || shape(at - back).startsWith('X'))
        add('before', word(at - back));
    return unit(found);
  });
}

/** The best sequence of tags in which nothing goes on that did not begin (Viterbi, 1967). */
export function tagSpans(tagger: SpanTagger, text: string): FoundSpan[] {
  const tokens = tokensOf(text);
  const { labels, tags, temperature } = tagger;
  const probabilities = tokenFeatures(text, tokens).map((vector) =>
    probabilitiesAt(scoreSoftmax(tags, vector).scores, temperature),
  );
  const path = bestPath(probabilities, tags.classCount);
  const spans: FoundSpan[] = [];
  for (let at = 0; at < path.length; at += 1) {
    const begin = path[at] as number;
    if (begin === 0) continue;
    let last = at;
    let confidence = probabilities[at]?.[begin] ?? 0;
    while (path[last + 1] === begin + 1) {
      last += 1;
      confidence = Math.min(confidence, probabilities[last]?.[begin + 1] ?? 0);
    }
    const [start, end] = [tokens[at]?.start ?? 0, tokens[last]?.end ?? 0];
    spans.push({ start, end, label: labels[(begin - 1) >> 1] ?? '', confidence });
    at = last;
  }
  return spans;
}

function bestPath(rows: readonly Float64Array[], count: number): Int32Array {
  const from = new Int32Array(rows.length * count);
  let scores = new Float64Array(count);
  for (let tag = 2; tag < count; tag += 2) scores[tag] = Number.NEGATIVE_INFINITY;
  rows.forEach((row, at) => {
    let best = 0;
    for (let tag = 1; tag < count; tag += 1)
      if ((scores[tag] as number) > (scores[best] as number)) best = tag;
    const next = new Float64Array(count);
    for (let tag = 0; tag < count; tag += 1) {
      let previous = best;
      // Only after its own begin, or after itself; at the first token after nothing.
      if (tag > 0 && tag % 2 === 0)
        previous = (scores[tag] as number) > (scores[tag - 1] as number) ? tag : tag - 1;
      const isOpen = at > 0 || tag === 0 || tag % 2 === 1;
      next[tag] = isOpen
        ? (at === 0 ? 0 : (scores[previous] as number)) + Math.log((row[tag] as number) + 1e-12)
        : Number.NEGATIVE_INFINITY;
      from[at * count + tag] = previous;
    }
    scores = next;
  });
  const path = new Int32Array(rows.length);
  let tag = 0;
  for (let other = 1; other < count; other += 1)
    if ((scores[other] as number) > (scores[tag] as number)) tag = other;
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    path[at] = tag;
    tag = from[at * count + tag] as number;
  }
  return path;
}

export function writeSpanTagger({ tags, ...header }: SpanTagger): Uint8Array {
  const sections = new Map(softmaxSections(tags, 'tags.'));
  return writePacked({ kind: KIND, version: VERSION, header, sections });
}

/** Throws RangeError that says what is wrong with the bytes. */
export function readSpanTagger(bytes: Uint8Array): SpanTagger {
  const file = readPacked(bytes, KIND, VERSION);
  const header = file.header as Omit<SpanTagger, 'tags'>;
  const tags = softmaxFrom(file, 'tags.');
  if (tags.classCount !== 1 + 2 * header.labels.length)
    throw new RangeError(`${header.labels.length} labels, but ${tags.classCount} tags`);
  return { ...header, tags };
}

/** Capitals, letters and digits of a token; runs of more than four count as four. */
function shapeOf(word: string): string {
  return word
    .replace(/\p{Lu}/gu, 'X')
    .replace(/(?!X)\p{L}/gu, 'x')
    .replace(/\p{N}/gu, '0')
    .replace(/(.)\1{3,}/gu, '$1$1$1$1');
}

/** FNV-1a, then its upper bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return Math.imul(value ^ (value >>> 15), 0x85ebca6b) >>> (32 - BITS);
}

function unit(found: readonly number[]): SparseVector {
  const indices = Int32Array.from(new Set(found)).sort();
  return { indices, values: new Float32Array(indices.length).fill(1 / Math.sqrt(indices.length)) };
}
