import type { CheckResult } from '../core/decision.ts';
import { CHECKED_LENGTH, failed, passed, quoted } from './checks.ts';

/** Longest cycle at the end of an answer that is looked for, in characters. */
const LONGEST_CYCLE = 400;
const NGRAM = 8;

/**
 * Does the answer run in circles? Two signs: a suffix that is the same piece again and again, and a
 * large share of 8-word sequences that were there before. Linear in the length of the text.
 */
export function checkRepetition(text: string): CheckResult {
  const read = text.slice(0, CHECKED_LENGTH);
  const cycle = suffixCycle(read);
  if (cycle)
    return failed(
      'repetition',
      0.05,
      `the end repeats ${quoted(cycle.piece)} ${cycle.times} times`,
    );
  const share = repeatedShare(read.toLowerCase().split(/\s+/).filter(Boolean));
  if (share > 0.5)
    return failed('repetition', 0.2, `${Math.round(share * 100)} % of the text was said before`);
  return passed('repetition', 1 - share, 'the answer does not run in circles');
}

/**
 * The piece that ends the text several times in a row. Short pieces must come more often: a dotted
 * line or a table rule is no loop.
 */
function suffixCycle(text: string): { readonly piece: string; readonly times: number } | undefined {
  const tail = text.trimEnd().slice(-LONGEST_CYCLE * 4);
  for (let length = 1; length <= LONGEST_CYCLE; length += 1) {
    const piece = tail.slice(-length);
    if (!/[\p{L}\p{N}]/u.test(piece)) continue;
    let times = 1;
    let end = tail.length - length;
    while (end >= length && tail.startsWith(piece, end - length)) {
      times += 1;
      end -= length;
    }
    const needed = length < 4 ? 24 : length < 20 ? 6 : length < 60 ? 4 : 3;
    if (times >= needed) return { piece, times };
  }
  return undefined;
}

/** Share of word 8-grams that came before in the text, 0 … 1; 0 below 40 words. */
function repeatedShare(tokens: readonly string[]): number {
  if (tokens.length < 40) return 0;
  const seen = new Set<string>();
  let repeated = 0;
  const total = tokens.length - NGRAM + 1;
  for (let index = 0; index < total; index += 1) {
    const gram = tokens.slice(index, index + NGRAM).join(' ');
    if (seen.has(gram)) repeated += 1;
    else seen.add(gram);
  }
  return repeated / total;
}
