import type { FinishReason, TokenLogprob } from '../core/chat.ts';

/** The old shape: parallel lists, offsets in characters of the choice's text. */
export function wireCompletionLogprobs(tokens: readonly TokenLogprob[], start: number) {
  let offset = start;
  const offsets = tokens.map(({ token }) => {
    const at = offset;
    offset += token.length;
    return at;
  });
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top = [] }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: offsets,
  };
}

/** The dialect has no tools: an answer that was to be a call has stopped. */
export function completionFinishReason(reason: FinishReason): string {
  if (reason === 'content-filter') return 'content_filter';
  return reason === 'length' ? 'length' : 'stop';
}

/** What answers of POST /v1/completions, whole or streamed, begin with. */
export interface CompletionHead {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly model: string;
  /** Receipts of the prompts, in order. */
  readonly receipts: readonly string[];
  /** Text that every choice of a prompt begins with, by prompt; absent = nothing is echoed. */
  readonly echoes?: readonly string[];
  /** Answers per prompt: choice ÷ this is the prompt. */
  readonly choiceCount: number;
}

export function echoOf(head: CompletionHead, choice: number): string {
  return head.echoes?.[Math.floor(choice / head.choiceCount)] ?? '';
}
