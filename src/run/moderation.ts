import { splitSentences } from '../base/sentences.ts';
import type { Classification } from '../core/classification.ts';

/** One text as it is judged. */
export interface ModerationResult {
  readonly flagged: boolean;
  /** P(category), 0 … 1. */
  readonly scores: Readonly<Record<string, number>>;
  /** Categories that the text is flagged for; at least one where it is flagged. */
  readonly categories: Readonly<Record<string, boolean>>;
}

/** Characters judged at once: examples are sentences, and one bad sentence must not drown in a page. */
const WINDOW = 300;

/** A text as pieces of whole sentences of about 300 characters; a longer sentence is cut. */
export function moderationWindows(text: string): string[] {
  const windows: string[] = [];
  let window = '';
  for (const { text: sentence } of splitSentences(text))
    for (let at = 0; at < sentence.length; at += WINDOW) {
      const piece = sentence.slice(at, at + WINDOW);
      if (window !== '' && window.length + piece.length > WINDOW) {
        windows.push(window);
        window = '';
      }
      window += window === '' ? piece : ` ${piece}`;
    }
  if (window !== '') windows.push(window);
  return windows;
}

/**
 * The worst of a text's windows, category by category. A text is flagged where P(any category) of
 * one window reaches the threshold: then for that window's likeliest category, and for every other
 * one that reaches the threshold by itself.
 */
export function moderate(
  windows: readonly Classification[],
  options: {
    readonly labels: readonly string[];
    readonly safeLabel: string;
    readonly threshold: number;
  },
): ModerationResult {
  const names = options.labels.filter((label) => label !== options.safeLabel);
  const scores = Object.fromEntries(names.map((name) => [name, 0]));
  const categories = Object.fromEntries(names.map((name) => [name, false]));
  for (const classification of windows) {
    // A text unlike every example counts by how much it is like any.
    const scale = classification.label === null ? 1 - classification.confidence : 1;
    let any = 0;
    let likeliest = { name: '', score: 0 };
    for (const { label, probability } of classification.ranked) {
      if (label === options.safeLabel) continue;
      const score = probability * scale;
      any += score;
      if (score > likeliest.score) likeliest = { name: label, score };
      scores[label] = Math.max(scores[label] ?? 0, score);
      if (score >= options.threshold) categories[label] = true;
    }
    if (any >= options.threshold && likeliest.name !== '') categories[likeliest.name] = true;
  }
  return { flagged: Object.values(categories).includes(true), scores, categories };
}
