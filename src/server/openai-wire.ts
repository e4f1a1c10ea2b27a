import type { FinishReason, TokenLogprob, TokenUsage } from '../core/chat.ts';

const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
};

export function wireFinishReason(reason: FinishReason): string {
  return FINISH_REASONS[reason];
}

export function wireUsage(usage: TokenUsage) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    ...(usage.reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: usage.reasoningTokens } }),
  };
}

export function wireLogprobs(tokens: readonly TokenLogprob[]) {
  return { content: tokens.map(wireToken), refusal: null };
}

function wireToken(token: TokenLogprob) {
  return {
    ...wireAlternative(token),
    top_logprobs: (token.top ?? []).map(wireAlternative),
  };
}

function wireAlternative({ token, logprob }: { token: string; logprob: number }) {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}
