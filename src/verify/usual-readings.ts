import { z } from 'zod';
import { WORD_FEATURES } from './support-features.ts';
import type { UnjudgedReading } from './support-usual.ts';

/** What the scorer saw of a sentence of an answer: numbers alone. */
export interface UsualReading extends UnjudgedReading {
  /** One of 16 groups of callers, drawn by a salted hash: tells nobody who asked. */
  readonly by: number;
}

/** Readings of one collection that are kept; twenty suffice, so more would only cost. */
export const MOST_READINGS = 200;
/** Of one group of callers: who asks day and night decides no more than a quarter of what is usual. */
const MOST_OF_ONE = 50;

const numbers = z.array(z.number()).max(64);
export const keptReadingsSchema = z.strictObject({
  /** Scorer and embedder by which they were read; those of another say nothing. */
  basis: z.string(),
  readings: z
    .array(z.strictObject({ by: z.number().int().min(0).max(15), values: numbers, shape: numbers }))
    .max(MOST_READINGS),
});

/** As it is kept: three decimals. */
export function usualReading({ values, shape }: UnjudgedReading, by: number): UsualReading {
  return { by, values: values.map(rounded), shape: shape.map(rounded) };
}

/** True where the meaning of the sentence was read, too. */
export function hasMeaning({ values }: UnjudgedReading): boolean {
  return values.length > WORD_FEATURES.length;
}

/**
 * A bounded sample: of each group of callers the different readings with the least hashes. Whatever
 * the order and however often a sentence comes again, the same ones stay, so that neither the newest
 * flood nor a question asked a thousand times takes the place of what others asked.
 */
export function keepReadings(
  kept: readonly UsualReading[],
  added: readonly UsualReading[],
): readonly UsualReading[] {
  const distinct = new Map([...added, ...kept].map((one) => [textOf(one), one]));
  const ordered = [...distinct]
    .map(([text, reading]) => ({ reading, hash: hashOf(text) }))
    .sort((a, b) => a.hash - b.hash)
    .map((one) => one.reading);
  const groups = [...Map.groupBy(ordered, (one) => one.by).values()];
  const taken = (most: number) =>
    groups.reduce((sum, group) => sum + Math.min(most, group.length), 0);
  let most = MOST_OF_ONE;
  while (taken(most) > MOST_READINGS) most -= 1;
  return groups.flatMap((group) => group.slice(0, most));
}

function textOf({ values, shape }: UsualReading): string {
  return `${values.join(' ')}|${shape.join(' ')}`;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
