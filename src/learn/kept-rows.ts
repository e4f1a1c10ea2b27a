import type { LabelledText } from '../base/ngram-classifier.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf } from './curated-rows.ts';

export interface KeptRows<Row = LabelledText> {
  readonly taught: readonly Row[];
  /** Never taught: on these versions are measured and compared. */
  readonly kept: readonly Row[];
  /** Neither taught nor measured: they nearly stand among the taught rows too. */
  readonly near: readonly Row[];
}

/** Below this every row is needed to learn, and a fifth of them would show nothing. */
export const KEPT_FROM = 2000;
const KEPT_SHARE = 0.2;
const KEPT_MOST = 1500;
/** A label of fewer texts keeps none. */
const LABEL_ROWS = 10;
/** Texts of fewer words are near each other by chance. */
const NEAR_WORDS = 6;
/** Up to so many words, every word is left out once; of more, each half stands for the text. */
const EACH_WORD = 24;
const ALL = 2 ** 32;
const SAMPLES = 5;

/**
 * Keeps rows apart by a hash of their words, so that a row is on the same side in every version of a
 * specialist, whatever else its data hold: with more rows a smaller share is kept, of rows that were
 * kept before. Texts of the same words are on one side; a kept text that is a word away from a taught
 * one is left out. `hash` gives 32 even bits of a text.
 */
export function keepRows<Row extends LabelledText>(
  rows: readonly Row[],
  hash: (text: string) => number,
): KeptRows<Row> {
  if (rows.length < KEPT_FROM) return { taught: rows, kept: [], near: [] };
  const limit = ALL * Math.min(KEPT_SHARE, KEPT_MOST / rows.length);
  const counts = new Map<string, number>();
  for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1);
  const left = new Map<string, number>();
  const taught: Row[] = [];
  const held: Row[] = [];
  for (const row of rows) {
    const isKept =
      (counts.get(row.label) ?? 0) >= LABEL_ROWS && hash(wordsOf(row.text).join(' ')) < limit;
    (isKept ? held : taught).push(row);
    if (!isKept) left.set(row.label, (left.get(row.label) ?? 0) + 1);
  }
  // A label whose rows nearly all fell to one side would not be learnt.
  const isLost = ({ label }: Row) => (left.get(label) ?? 0) < 2;
  taught.push(...held.filter(isLost));
  const shapes = new Set(taught.flatMap((row) => shapesOf(row.text)));
  const kept: Row[] = [];
  const near: Row[] = [];
  for (const row of held.filter((one) => !isLost(one))) {
    const isNear = shapesOf(row.text).some((shape) => shapes.has(shape));
    (isNear ? near : kept).push(row);
  }
  return { taught, kept, near };
}

/** What a report says of rows that are kept apart. */
export function keptWords({
  kept,
  near,
}: Pick<KeptRows<{ readonly text: string }>, 'kept' | 'near'>): LeftOut[] {
  return [
    { reason: 'kept apart to measure on, never taught', count: kept.length, samples: [] },
    {
      reason: 'kept apart, and a word away from a taught one: neither taught nor measured on',
      count: near.length,
      samples: near.slice(0, SAMPLES).map((row) => lineOf(row.text)),
    },
  ];
}

/** Words without case, accents, punctuation; numbers are all alike. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? [plain.trim()]).map((word) =>
    /^\p{N}+$/u.test(word) ? '0' : word,
  );
}

/** Two texts that differ in one word share a shape. */
function shapesOf(text: string): string[] {
  const words = wordsOf(text);
  if (words.length < NEAR_WORDS) return [];
  if (words.length <= EACH_WORD)
    return words.map((_, at) => [...words.slice(0, at), '', ...words.slice(at + 1)].join(' '));
  const middle = words.length >> 1;
  return [words.slice(0, middle).join(' '), `… ${words.slice(-middle).join(' ')}`];
}
