import type { TokenLogprob } from '../core/chat.ts';

/** Most likely first tokens that are asked for; yes and no are among them nearly always. */
export const VERDICT_ALTERNATIVES = 5;

/**
 * P(yes) of a question that a model answers with yes or no: its first token's alternatives,
 * P(yes) / (P(yes) + P(no)), 0 … 1. Undefined where neither is among them.
 */
export function readVerdict(logprobs: readonly TokenLogprob[]): number | undefined {
  const [first] = logprobs;
  const tokens = first === undefined ? [] : (first.top ?? [first]);
  const share = (word: string) =>
    tokens.reduce(
      (sum, one) => sum + (one.token.trim().toLowerCase() === word ? Math.exp(one.logprob) : 0),
      0,
    );
  const yes = share('yes');
  const no = share('no');
  return yes + no === 0 ? undefined : yes / (yes + no);
}
