import type { ChatRequest } from '../core/chat.ts';
import type { TellingWord } from '../core/decision.ts';
import type { Estimator, TaskEstimate } from './estimator.ts';
import { readSurface } from './features.ts';

/** Words that are tried; each costs one look at the text, 30 to 120 µs for 1 KB. */
const TRIED_MOST = 48;
const TOLD_MOST = 6;
/** Log-odds below which a word tells nothing. */
const WEIGHT_LEAST = 0.1;
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
const HAN = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}/u;
/** Letters that are taken as one word where a script does not part its words. */
const HAN_LENGTH = 2;

/** From so many letters and digits together a word is no word but a key. */
const KEY_LEAST = 20;
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Which words of the request tell the gate its task: each is left out in turn, and what the likely
 * task's log-odds lose is its weight. Works for any estimator. For the one who asks why; never in a
 * request's way (some milliseconds). Words of the secrets that `secretsOf` finds are not told, nor what
 * looks like a key.
 */
export function tellingWords(
  request: ChatRequest,
  estimator: Estimator,
  secretsOf: (text: string) => readonly Span[],
): TellingWord[] {
  const surface = readSurface(request);
  const { text } = surface.excerpt;
  // Letters, digits, apostrophes and hyphens alone: nothing that a pattern reads otherwise.
  const whole = estimator.estimate(request, surface);
  const likely = whole.posterior[0]?.task;
  if (likely === undefined) return [];
  const before = logOdds(whole, likely);
  return wordsOf(text, secretsOf(text))
    .slice(0, TRIED_MOST)
    .map((word) => {
      const excerpt = { ...surface.excerpt, text: without(text, word) };
      const after = estimator.estimate(request, { ...surface, excerpt });
      return { word, weight: Number((before - logOdds(after, likely)).toFixed(2)) };
    })
    .filter((one) => one.weight >= WEIGHT_LEAST)
    .sort((one, other) => other.weight - one.weight || (one.word < other.word ? -1 : 1))
    .slice(0, TOLD_MOST);
}

function wordsOf(text: string, secrets: readonly Span[]): string[] {
  const found = new Set<string>();
  const secret = new Set<string>();
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const end = index + word.length;
    if (secrets.some((one) => one.start < end && index < one.end)) secret.add(word);
    else if (isKey(word) || found.size >= TRIED_MOST) continue;
    else if (!HAN.test(word)) found.add(word);
    else
      for (let at = 0; at < word.length; at += HAN_LENGTH)
        found.add(word.slice(at, at + HAN_LENGTH));
  }
  return [...found].filter((word) => !secret.has(word));
}

function isKey(word: string): boolean {
  return word.length >= KEY_LEAST && /\p{L}/u.test(word) && /\p{N}/u.test(word);
}

function without(text: string, word: string): string {
  if (HAN.test(word)) return text.replaceAll(word, ' ');
  // Letters, digits, apostrophes and hyphens alone: nothing that a pattern reads otherwise.
  const whole = `(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`;
  return text.replaceAll(new RegExp(whole, 'gu'), ' ');
}

function logOdds({ posterior }: TaskEstimate, task: string): number {
  const found = posterior.find((one) => one.task === task)?.probability ?? 0;
  const clipped = Math.min(1 - 1e-6, Math.max(1e-6, found));
  return Math.log(clipped / (1 - clipped));
}
